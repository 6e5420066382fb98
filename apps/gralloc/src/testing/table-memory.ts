// Plain memory for a table, and tenants for it, for tests that free and grant owner words as the guest driver does.
import type { Memory } from '@vsoc/struct';
import { pixelFormat, shapeOf } from '../formats.js';
import { grallocManager } from '../layout.js';
import type { Tenant } from '../table.js';

/** Where the region's data begins: owner words are named from the region's first byte. */
export const dataOffset = 4096;
export const entryBytes = 64;
export const space = { beginOffset: 4096, endOffset: 4096 * 1024 };

export function openMemory(): Memory {
  const buffer = new SharedArrayBuffer(dataOffset + grallocManager.data.size);
  return { words: new Int32Array(buffer), view: new DataView(buffer) };
}

/** Page `page` for process `clientPid`. */
export function tenantOf(page: number, clientPid = 100): Tenant {
  const format = pixelFormat.rgb565;
  return {
    area: { beginOffset: 4096 * page, endOffset: 4096 * (page + 1) },
    shape: shapeOf(format, 33, 3),
    format,
    widthPx: 33,
    heightPx: 3,
    usage: 0x833,
    clientPid,
  };
}
