// Zeroing of released areas. Small ones at once; large ones in a worker, so that no interrupt waits behind a fill. Jobs
// go to it through shared words and come back by an eventfd: messages between threads would cost more than most fills.
import { Worker } from 'node:worker_threads';
import { createEventfd, DisposableStack, fill, watch } from '@vsoc/native';
import { openZeroingQueue, type ZeroingWork } from './zeroing-queue.js';

/** 10 to 30 µs of work: what asking the worker and hearing from it costs. */
const inlineLimitBytes = 1024 * 1024;

export interface Zeroing extends AsyncDisposable {
  now(windowOffset: number, lengthBytes: number): void;
  later(windowOffset: number, lengthBytes: number): Promise<void>;
}

export function openZeroing(window: SharedArrayBuffer): Zeroing {
  using stack = new DisposableStack();
  const queue = openZeroingQueue();
  const doneSignal = stack.use(createEventfd());
  const workerData: ZeroingWork = { window, words: queue.words, doneFd: doneSignal.fd };
  const worker = new Worker(new URL('./zeroing-worker.js', import.meta.url), { workerData });
  // Without it areas would never be free again: the driver ends, which is a crash of the guest.
  worker.on('error', (error) => {
    throw error;
  });
  /** Of jobs that were posted, in their order: the worker keeps it. */
  const waiting: (() => void)[] = [];
  stack.use(
    watch(doneSignal.fd, 'edge', () => {
      for (let left = queue.takeDone(); left > 0; left--) waiting.shift()?.();
    }),
  );

  const now = (windowOffset: number, lengthBytes: number) =>
    fill(new Uint8Array(window, windowOffset, lengthBytes), 0);

  const owned = stack.move();
  return {
    now,
    async later(windowOffset, lengthBytes) {
      // A full queue is somebody who frees faster than memory can be written: nothing is lost by waiting here.
      if (lengthBytes <= inlineLimitBytes || !queue.post(windowOffset, lengthBytes)) {
        now(windowOffset, lengthBytes);
        return;
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
      owned[Symbol.dispose]();
    },
  };
}
