// The producing half of the ring benches: writes one chunk over and over, as fast as there is room, until it is killed.
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { tailOf } from '@vsoc/vsoc/layout';
import { openByteRingProducer } from '@vsoc/vsoc/rings';
import { ringRegion } from '../ring-region.js';
import { readPeerArgv } from './argv.js';
import { createIdle } from './idle.js';

runMain('bench-ring-guest', async ({ ready }) => {
  const [runDir = '.', chunkBytes] = readPeerArgv().words;
  using device = await openGuest({ deviceDirectory: runPaths(runDir).deviceDir });
  using region = await device.open(ringRegion);
  const place = tailOf(ringRegion, region.layout);
  const ring = openByteRingProducer(region, { words: region.data.ring, place });
  const chunk = new Uint8Array(Number(chunkBytes)).fill(0xa5);
  const idle = createIdle();
  ready();
  await new Promise(setImmediate); // what ready() wrote must be out before this spins
  for (;;) {
    if (ring.write(chunk) === 'full') idle.turn();
    else idle.busy();
  }
});
