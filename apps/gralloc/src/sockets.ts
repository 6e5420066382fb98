// Where gralloc's processes meet in a run directory.
import { join } from 'node:path';
import type { RunPaths } from '@vsoc/process';

/** The allocator's own socket. */
export const allocatorSocketOf = ({ guestDir }: RunPaths): string => join(guestDir, 'gralloc');

/** Where the importer of `--only gralloc` listens; real apps have sockets of their own for this. */
export const importerSocketOf = ({ guestDir }: RunPaths): string => join(guestDir, 'gralloc-importer');
