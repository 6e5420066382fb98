// Client ↔ allocator (seqpacket socket): one request, one answer, the token of the new buffer attached to it.
import { s32, struct, u32 } from '@vsoc/struct';

/** Requests of one client that may wait for their answers; the allocator closes a client that sends more. */
export const outstandingLimit = 16;

export const allocateRequest = struct('gralloc_allocate_request', 'Asks for one buffer.', {
  id: u32({ doc: 'chosen by the client; the answer brings it back' }),
  widthPx: u32({ unit: 'px', doc: 'visible width' }),
  heightPx: u32({ unit: 'px', doc: 'visible height' }),
  format: u32({ doc: 'pixel format' }),
  usage: u32({ doc: 'what it is for' }),
});

export const allocateAnswer = struct(
  'gralloc_allocate_answer',
  'The buffer, or why there is none; text follows.',
  {
    id: u32({ doc: 'of the request' }),
    status: s32({
      doc: '0 and a token is attached, or a negative errno; ENOSPC when no gap is large enough',
    }),
    epoch: u32({ doc: 'life of the guest that the buffer belongs to' }),
    entry: u32({ doc: 'place in the manager table' }),
    generation: u32({ doc: 'of the entry' }),
    largestFreeBytes: u32({ unit: 'B', doc: 'with ENOSPC: the largest gap there is' }),
  },
);

/** Names a buffer for ever: no later buffer has the same three. */
export interface BufferReference {
  readonly epoch: number;
  readonly entry: number;
  readonly generation: number;
}
