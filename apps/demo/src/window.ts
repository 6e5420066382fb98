// The demo's window: which regions, how large. The server plans nothing by itself, it reads this file.

import { writeFileSync } from 'node:fs';
import { demoRegions } from '@vsoc/console/regions';
import { layoutToJson, planWindow } from '@vsoc/vsoc/layout';

const mib = 1024 * 1024;
const windowSizeBytes = 128 * mib;
const grallocMemoryBytes = 64 * mib;

export function writeLayout(layoutFile: string): void {
  const layout = planWindow(demoRegions, {
    sizeBytes: windowSizeBytes,
    tailBytes: { gralloc_memory: grallocMemoryBytes },
  });
  writeFileSync(layoutFile, layoutToJson(layout), { mode: 0o600 });
}
