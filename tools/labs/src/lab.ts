// What a lab is, and which there are: by the names that docs/break-it.md calls them.
import { dieWithAPermission } from './labs/die-with-a-permission.js';
import { dropAnInterrupt } from './labs/drop-an-interrupt.js';
import { fillATable } from './labs/fill-a-table.js';
import { skipAStep } from './labs/skip-a-step.js';
import type { Stage } from './stage.js';

/** Opens a stage, plays on it and says what is to be seen, line by line. */
export type Lab = (openStage: () => Promise<Stage>, say: (line: string) => void) => Promise<void>;

export const labs: Readonly<Record<string, Lab>> = {
  'skip-a-step': skipAStep,
  'drop-an-interrupt': dropAnInterrupt,
  'die-with-a-permission': dieWithAPermission,
  'fill-a-table': fillATable,
};
