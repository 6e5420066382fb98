// The worker of zeroing.ts: fills areas of the window with zeros, in the order asked for, until it is terminated.
import { once } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { fill, signalEventfd } from '@vsoc/native';
import { nextJob, type ZeroingWork } from './zeroing-queue.js';

const { words, doneFd } = workerData as ZeroingWork;
const [window] = (await once(parentPort as MessagePort, 'message')) as [SharedArrayBuffer];
signalEventfd(doneFd);
for (;;) {
  const { windowOffset, lengthBytes, done } = nextJob(words);
  fill(new Uint8Array(window, windowOffset, lengthBytes), 0);
  done();
  signalEventfd(doneFd);
}
