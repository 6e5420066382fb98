// The consuming half of the ring benches, which measures: how long it takes to read so many bytes in chunks.
import { runMain, runPaths } from '@vsoc/process';
import { connectHost } from '@vsoc/vsoc/host';
import { tailOf } from '@vsoc/vsoc/layout';
import { openByteRingConsumer } from '@vsoc/vsoc/rings';
import { ringRegion, ringSampleBytes } from '../ring-region.js';
import { createStopwatch } from '../stopwatch.js';
import { readPeerArgv } from './argv.js';
import { createIdle } from './idle.js';

runMain('bench-ring-host', async ({ report }) => {
  const { size, words } = readPeerArgv();
  const [runDir = '.', chunkBytes] = words;
  using device = await connectHost({ serverSocket: runPaths(runDir).serverSocket });
  using region = await device.open(ringRegion);
  const place = tailOf(ringRegion, region.layout);
  const ring = openByteRingConsumer(region, { words: region.data.ring, place });
  const chunk = new Uint8Array(Number(chunkBytes));
  const idle = createIdle();
  const stopwatch = createStopwatch(size);
  for (let trip = 0; trip < size.trips + size.warmUp; trip++) {
    stopwatch.start();
    for (let left = ringSampleBytes; left > 0; ) {
      const count = ring.read(chunk);
      if (count === 0) idle.turn();
      else idle.busy();
      left -= count;
    }
    stopwatch.stop(trip);
  }
  report({ ...stopwatch.figures(), ...ring.counters });
});
