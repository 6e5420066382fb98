// The demo's window: which regions, how large. The server plans nothing by itself, it reads this file.

import { writeFileSync } from 'node:fs';
import { demoRegions } from '@vsoc/console/regions';
import { layoutToJson, planWindow } from '@vsoc/vsoc/layout';

const mib = 1024 * 1024;

/** How large the window and the room for graphics buffers are. */
export const demoWindow = { sizeBytes: 128 * mib, tailBytes: { gralloc_memory: 64 * mib } } as const;

export function writeLayout(layoutFile: string): void {
  writeFileSync(layoutFile, layoutToJson(planWindow(demoRegions, demoWindow)), { mode: 0o600 });
}
