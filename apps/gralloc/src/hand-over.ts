// How a buffer gets from one guest process to another when gralloc runs alone: one message on a seqpacket socket, the
// reference as its bytes, the token attached to it. Real apps have sockets of their own for this.
import { join } from 'node:path';
import type { RunPaths } from '@vsoc/process';
import { struct, u32 } from '@vsoc/struct';
import type { BufferReference } from './protocol.js';

/** The allocator's own socket. */
export const allocatorSocketOf = ({ guestDir }: RunPaths): string => join(guestDir, 'gralloc');

/** Where the importer of `--only gralloc` listens. */
export const importerSocketOf = ({ guestDir }: RunPaths): string => join(guestDir, 'gralloc-importer');

export const handedOver = struct('gralloc_handed_over', 'Names the buffer whose token is attached.', {
  epoch: u32({ doc: 'life of the guest' }),
  entry: u32({ doc: 'place in the manager table' }),
  generation: u32({ doc: 'of the entry' }),
});

export const nameOf = ({ entry, generation }: BufferReference): string =>
  `buffer ${entry}, generation ${generation}`;
