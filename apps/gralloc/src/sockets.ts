// Where the processes of `--only gralloc` meet beside the allocator's own socket, which every run has. Real apps have
// sockets of their own for this.
import { join } from 'node:path';
import type { RunPaths } from '@vsoc/process';

/** Where the importer of `--only gralloc` listens. */
export const importerSocketOf = ({ guestDir }: RunPaths): string => join(guestDir, 'gralloc-importer');
