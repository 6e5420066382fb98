// Zeroing of released areas. Small ones at once; large ones in a worker, so that no interrupt waits behind a fill. Jobs
// go to it through shared words and come back by an eventfd: messages between threads would cost more than most fills.
import { Worker } from 'node:worker_threads';
import { createEventfd, DisposableStack, fill, watch } from '@vsoc/native';
import { openZeroingQueue, type ZeroingWork } from './zeroing-queue.js';

/** 10 to 30 µs of work: what asking the worker and hearing from it costs. */
const inlineLimitBytes = 1024 * 1024;

export interface Zeroing {
  now(windowOffset: number, lengthBytes: number): void;
  later(windowOffset: number, lengthBytes: number): Promise<void>;
}

export interface ZeroingWorker extends AsyncDisposable {
  /** Gives it the window to zero in, once. */
  over(window: SharedArrayBuffer): Zeroing;
  /** Resolves when the worker has the window and waits for jobs. */
  readonly started: Promise<void>;
}

/** To be started before anything else: a thread of its own takes as long as the rest of the boot, which needs no window. */
export function startZeroingWorker(): ZeroingWorker {
  using stack = new DisposableStack();
  const queue = openZeroingQueue();
  const doneSignal = stack.use(createEventfd());
  const workerData: ZeroingWork = { words: queue.words, doneFd: doneSignal.fd };
  const worker = new Worker(new URL('./zeroing-worker.js', import.meta.url), { workerData });
  // Without it areas would never be free again: the driver ends, which is a crash of the guest.
  worker.on('error', (error) => {
    throw error;
  });
  /** Of jobs that were posted, in their order: the worker keeps it. */
  const waiting: (() => void)[] = [];
  const started = new Promise<void>((resolve) => {
    stack.use(
      watch(doneSignal.fd, 'edge', () => {
        // The first signal comes before any job.
        resolve();
        for (let left = queue.takeDone(); left > 0; left--) waiting.shift()?.();
      }),
    );
  });
  const owned = stack.move();
  return {
    started,
    over(window) {
      worker.postMessage(window);
      const now = (windowOffset: number, lengthBytes: number) =>
        fill(new Uint8Array(window, windowOffset, lengthBytes), 0);
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
      };
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
      owned[Symbol.dispose]();
    },
  };
}
