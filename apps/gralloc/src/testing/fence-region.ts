// A region as fences need one, over real shared words, with nobody on the other side: who waits there can be counted.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AtomicWord } from '@vsoc/struct';
import { RegionMemory, VsocError, type WaitOptions, type WaitOutcome } from '@vsoc/vsoc';
import { createWaiters } from '@vsoc/vsoc/signalling';
import { grallocManager } from '../layout.js';

/** Signals wake who waits here, as the real ones do. */
export function openFenceRegion() {
  const memory = new RegionMemory('gralloc_manager', new SharedArrayBuffer(2 ** 16), 4096, 2 ** 16);
  const waiters = createWaiters(memory);
  let signals = 0;

  function waitWhile(
    word: AtomicWord,
    value: number,
    { deadlineNs, signal }: WaitOptions = {},
  ): Promise<WaitOutcome> {
    signal?.throwIfAborted();
    if (word.load() !== value) return nextTurn<WaitOutcome>('changed');
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        waiters.remove(waiter);
        settle();
      };
      const waiter = {
        offset: word.offset,
        value,
        wakes: 0,
        onChanged: () => end(() => resolve('changed')),
        onClosed: (error: Error) => end(() => reject(error)),
      };
      const onAbort = () => end(() => reject(signal?.reason));
      const leftMs = deadlineNs === undefined ? 2 ** 30 : Number(deadlineNs - process.hrtime.bigint()) / 1e6;
      const timer = setTimeout(() => end(() => resolve('timed-out')), Math.ceil(leftMs) + 1);
      signal?.addEventListener('abort', onAbort);
      waiters.add(waiter);
    });
  }

  return {
    word: grallocManager.data.over(memory, 128).entries.at(3).acquire,
    sleeping: () => waiters.size,
    signals: () => signals,
    signal() {
      signals++;
      waiters.test();
    },
    waitWhile,
    close() {
      const error = new VsocError('EBADF', 'wait', 'region gralloc_manager was closed');
      for (const waiter of waiters.removeAll()) waiter.onClosed(error);
    },
  };
}
