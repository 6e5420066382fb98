// The worker of zeroing.ts: fills areas of the window with zeros, in the order asked for.
import { parentPort, workerData } from 'node:worker_threads';
import { fill } from '@vsoc/native';
import type { ZeroingJob } from './zeroing.js';

const window = workerData as SharedArrayBuffer;
parentPort?.on('message', ({ id, windowOffset, lengthBytes }: ZeroingJob) => {
  fill(new Uint8Array(window, windowOffset, lengthBytes), 0);
  parentPort?.postMessage(id);
});
