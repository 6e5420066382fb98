// What a signal costs apart from every wake-up, on our side: the counterpart of c/table.c. A process of its own,
// since the just-in-time compiler must not see other uses of the same functions.
import { runMain } from '@vsoc/process';
import { regionOffset } from '@vsoc/vsoc/layout';
import { post, receive, type SignalTable, signalTable } from '@vsoc/vsoc/signalling';
import { createStopwatch } from '../stopwatch.js';
import { readPeerArgv } from './argv.js';

const postedWords = 1024;
const strideBytes = 4096;
const firstOffset = 65536;
const regionBytes = firstOffset + postedWords * strideBytes;

function makeTable(slotCountLog2: number): SignalTable {
  const words = new Int32Array(new SharedArrayBuffer(65536));
  const layout = { slotCountLog2, slotsOffset: regionOffset(128), interruptOffset: regionOffset(0) };
  return signalTable({ words }, layout, regionBytes);
}

const ignore = () => {};

runMain('bench-table', async ({ report }) => {
  const { size, words } = readPeerArgv();
  const [mode] = words;
  const table = makeTable(mode === 'post' ? 12 : 10);
  const stopwatch = createStopwatch(size);
  for (let trip = 0; trip < size.trips + size.warmUp; trip++) {
    if (mode === 'post') {
      stopwatch.start();
      for (let word = 0; word < postedWords; word++) post(table, firstOffset + word * strideBytes);
      stopwatch.stop(trip);
    } else {
      post(table, firstOffset + (trip % postedWords) * strideBytes);
      stopwatch.start();
    }
    const { drained } = receive(table, ignore);
    if (mode !== 'post') stopwatch.stop(trip);
    const expected = mode === 'post' ? postedWords : 1;
    if (drained !== expected) throw new Error(`${drained} words came out where ${expected} were posted`);
  }
  report(stopwatch.figures(mode === 'post' ? postedWords : 1));
});
