// Starts test-fixtures/worker.mjs.
import { Worker } from 'node:worker_threads';

export function startWorker(verb: string, data: Readonly<Record<string, unknown>>): Worker {
  return new Worker(new URL('../../test-fixtures/worker.mjs', import.meta.url), {
    workerData: { verb, ...data },
  });
}
