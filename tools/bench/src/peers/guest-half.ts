// The answering half of host half ↔ guest half: sleeps in COND_WAIT on ping, copies it into pong, signals that.
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { benchRegion } from '../bench-region.js';
import { readPeerArgv } from './argv.js';

runMain('bench-guest-half', async ({ ready, signal }) => {
  const { words } = readPeerArgv();
  const [runDir = '.'] = words;
  using device = await openGuest({ deviceDirectory: runPaths(runDir).deviceDir });
  using region = await device.open(benchRegion);
  const { ping, pong } = region.data;
  let seen = ping.load();
  pong.store(seen);
  ready();
  const options = { signal: AbortSignal.any([signal, device.lost]) };
  for (;;) {
    await region.waitWhile(ping, seen, options);
    seen = ping.load();
    pong.store(seen);
    region.signalPeer(pong);
  }
});
