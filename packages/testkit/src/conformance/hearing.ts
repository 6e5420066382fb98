// `hear` for a half that gives out an AsyncIterable.

import { VsocError } from '@vsoc/vsoc';
import type { Bound, Mark } from './hal.js';

/** The stream is opened at the first hear of each half, and what comes out of it after a bound is the next hear's. */
export function hearing<Half extends object, Item, M extends Mark>(
  open: (half: Half, options: { signal: AbortSignal }) => AsyncIterable<Item>,
  markOf: (item: Item) => M,
): (half: Half, bound: Bound) => Promise<M> {
  interface Stream {
    readonly iterator: AsyncIterator<Item>;
    next: Promise<IteratorResult<Item>> | undefined;
  }
  const streams = new WeakMap<Half, Stream>();

  function streamOf(half: Half): Stream {
    const known = streams.get(half);
    if (known) return known;
    // Never aborted: that the half's dispose ends the stream is what is to be proven.
    const { signal } = new AbortController();
    const stream = { iterator: open(half, { signal })[Symbol.asyncIterator](), next: undefined };
    streams.set(half, stream);
    return stream;
  }

  return async (half, { signal }) => {
    const stream = streamOf(half);
    stream.next ??= stream.iterator.next();
    const { value, done } = await beforeAbort(stream.next, signal);
    stream.next = undefined;
    if (done) throw new VsocError('EBADF', 'hear', 'the stream has ended');
    return markOf(value);
  };
}

function beforeAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
