// Messages about buffers, all on seqpacket sockets: client ↔ allocator (one request, one answer, the new buffer's token
// attached to it), and guest process → guest process (a reference, its token attached).
import { s32, struct, u32 } from '@vsoc/struct';

/** Requests of one client that may wait for their answers; the allocator closes a client that sends more. */
export const outstandingLimit = 16;

/** The id of an answer to a client that has not asked: its connection is refused, and closed. */
export const aboutConnection = 0;

export const allocateRequest = struct('gralloc_allocate_request', 'Asks for one buffer.', {
  id: u32({ doc: 'chosen by the client, not 0; the answer brings it back' }),
  widthPx: u32({ unit: 'px', doc: 'visible width; of a BLOB its bytes' }),
  heightPx: u32({ unit: 'px', doc: 'visible height; of a BLOB 1' }),
  format: u32({ doc: 'pixel format' }),
  usage: u32({ doc: 'what it is for' }),
});

export const allocateAnswer = struct(
  'gralloc_allocate_answer',
  'The buffer, or why there is none; text follows.',
  {
    id: u32({ doc: 'of the request; 0: the connection is refused' }),
    status: s32({
      doc: '0 and a token is attached, or a negative errno; ENOSPC when no free run is large enough, EDQUOT over the budget',
    }),
    epoch: u32({ doc: 'life of the guest that the buffer belongs to' }),
    entry: u32({ doc: 'place in the manager table' }),
    generation: u32({ doc: 'of the entry' }),
    availableBytes: u32({
      unit: 'B',
      doc: "with ENOSPC: the largest free run there is; with EDQUOT: what is left of the client's budget",
    }),
  },
);

/**
 * Names a buffer: no later buffer of this life of the guest has the same entry and generation, as long as nobody scribbles
 * over generations and they do not wrap.
 */
export interface BufferReference {
  readonly epoch: number;
  readonly entry: number;
  readonly generation: number;
}

export const sentBuffer = struct('gralloc_sent_buffer', 'Names the buffer whose token is attached.', {
  epoch: u32({ doc: 'life of the guest' }),
  entry: u32({ doc: 'place in the manager table' }),
  generation: u32({ doc: 'of the entry' }),
});

export const nameOf = ({ entry, generation }: BufferReference): string =>
  `buffer ${entry}, generation ${generation}`;
