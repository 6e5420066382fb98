// The guest half of echo.ts as a process: waits for ping, answers with pong, until its guest driver is gone.
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { echo } from './echo.js';

runMain('echo-guest', async ({ ready, signal }) => {
  const { deviceDir } = runPaths(process.argv[process.argv.indexOf('--run-dir') + 1] ?? '.');
  using device = await openGuest({ deviceDirectory: deviceDir });
  using region = await device.open(echo);
  const { ping, pong } = region.data;
  let seen = ping.load();
  pong.store(seen);
  ready();
  for (;;) {
    await region.waitWhile(ping, seen, { signal: AbortSignal.any([signal, device.lost]) });
    seen = ping.load();
    pong.store(seen);
    region.signalPeer(pong);
  }
});
