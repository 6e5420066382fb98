// The Worker of the tests: an environment of its own that loads the same addon a second time.
import { parentPort, workerData } from 'node:worker_threads';
import * as native from '../dist/index.js';

const verbs = {
  fill({ buffer, value }) {
    native.fill(new Uint8Array(buffer), value);
    parentPort.postMessage('filled');
  },

  add({ buffer, count }) {
    const words = new Int32Array(buffer);
    for (let turn = 0; turn < count; turn++) Atomics.add(words, 0, 1);
    parentPort.postMessage('added');
  },

  /** Leaves `count` watches open; then ends, or waits to be terminated in the midst of callbacks. */
  watch({ count, stay }) {
    for (let turn = 0; turn < count; turn++) {
      const doorbell = native.createEventfd();
      const watch = native.watch(doorbell.fd, 'readable', () => {});
      native.signalEventfd(doorbell.fd);
      if (!stay) watch.unref();
    }
    setImmediate(() => parentPort.postMessage('watching'));
  },
};

verbs[workerData.verb](workerData);
