// Zeroing of released areas. Small ones at once; large ones in a worker, so that no interrupt waits behind a fill.
import { Worker } from 'node:worker_threads';
import { fill } from '@vsoc/native';

/** About 5 µs of work: less than asking the worker costs. */
const inlineLimitBytes = 64 * 1024;

export interface Zeroing extends AsyncDisposable {
  now(windowOffset: number, lengthBytes: number): void;
  later(windowOffset: number, lengthBytes: number): Promise<void>;
}

/** What the worker is sent. */
export interface ZeroingJob {
  readonly id: number;
  readonly windowOffset: number;
  readonly lengthBytes: number;
}

export function openZeroing(window: SharedArrayBuffer): Zeroing {
  const worker = new Worker(new URL('./zeroing-worker.js', import.meta.url), { workerData: window });
  const waiting = new Map<number, () => void>();
  let nextId = 0;
  worker.on('message', (id: number) => {
    waiting.get(id)?.();
    waiting.delete(id);
  });
  // Without it areas would never be free again: the driver ends, which is a crash of the guest.
  worker.on('error', (error) => {
    throw error;
  });

  const now = (windowOffset: number, lengthBytes: number) =>
    fill(new Uint8Array(window, windowOffset, lengthBytes), 0);

  return {
    now,
    async later(windowOffset, lengthBytes) {
      if (lengthBytes <= inlineLimitBytes) return now(windowOffset, lengthBytes);
      const id = nextId++;
      const job: ZeroingJob = { id, windowOffset, lengthBytes };
      await new Promise<void>((resolve) => {
        waiting.set(id, resolve);
        worker.postMessage(job);
      });
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
