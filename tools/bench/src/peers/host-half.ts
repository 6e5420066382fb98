// The measuring half of host half ↔ guest half: raises ping, signals it, sleeps in its loop until pong has followed.
import { runMain, runPaths } from '@vsoc/process';
import { connectHost } from '@vsoc/vsoc/host';
import { benchRegion } from '../bench-region.js';
import { createStopwatch } from '../stopwatch.js';
import { readPeerArgv } from './argv.js';

runMain('bench-host-half', async ({ report }) => {
  const { size, words } = readPeerArgv();
  const [runDir = '.'] = words;
  using device = await connectHost({ serverSocket: runPaths(runDir).serverSocket });
  using region = await device.open(benchRegion);
  const { ping, pong } = region.data;
  const stopwatch = createStopwatch(size);
  for (let trip = 0; trip < size.trips + size.warmUp; trip++) {
    const before = pong.load();
    stopwatch.start();
    ping.store((before + 1) >>> 0);
    region.signalPeer(ping);
    await region.waitWhile(pong, before);
    stopwatch.stop(trip);
  }
  report({ ...stopwatch.figures(), ...region.counters });
});
