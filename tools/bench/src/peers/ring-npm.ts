// Either end of the npm package ringbuf.js over the same kind of memory: what a user would take who knows of no window.
import { mapWindow } from '@vsoc/native';
import { runMain } from '@vsoc/process';
import { RingBuffer } from 'ringbuf.js';
import { ringCapacityLog2, ringSampleBytes } from '../ring-region.js';
import { createStopwatch } from '../stopwatch.js';
import { firstInheritedFd, readPeerArgv } from './argv.js';
import { createIdle } from './idle.js';

runMain('bench-ring-npm', async ({ ready, report }) => {
  const { size, words } = readPeerArgv();
  const [role, chunkBytes] = words;
  using window = mapWindow(firstInheritedFd, 2 ** ringCapacityLog2);
  // Its two cursors are the first 8 bytes, so its capacity is that much less.
  const ring = new RingBuffer(window.buffer, Uint8Array);
  const chunk = new Uint8Array(Number(chunkBytes)).fill(0xa5);
  const idle = createIdle();
  ready();
  await new Promise(setImmediate); // what ready() wrote must be out before this spins
  while (role === 'producer') {
    if (ring.push(chunk) === 0) idle.turn();
    else idle.busy();
  }
  const stopwatch = createStopwatch(size);
  for (let trip = 0; trip < size.trips + size.warmUp; trip++) {
    stopwatch.start();
    for (let left = ringSampleBytes; left > 0; ) {
      const count = ring.pop(chunk);
      if (count === 0) idle.turn();
      else idle.busy();
      left -= count;
    }
    stopwatch.stop(trip);
  }
  report(stopwatch.figures());
});
