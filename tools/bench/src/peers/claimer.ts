// The measuring guest process of claim and free: claims a page on an open description, closes it, and spins until the
// owner word reads FREE. Opening the description is not measured.
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { pageBytes, regionFree } from '@vsoc/vsoc/layout';
import { benchManager, benchMemory } from '../bench-region.js';
import { createStopwatch } from '../stopwatch.js';
import { readPeerArgv, silenceNs } from './argv.js';

runMain('bench-claimer', async ({ report }) => {
  const { size, words } = readPeerArgv();
  const [runDir = '.'] = words;
  using device = await openGuest({ deviceDirectory: runPaths(runDir).deviceDir });
  using manager = await device.open(benchManager);
  const { owner } = manager.data;
  const stopwatch = createStopwatch(size);
  for (let trip = 0; trip < size.trips + size.warmUp; trip++) {
    const managed = await device.openManaged(benchMemory);
    const beginOffset = (await managed.describe()).offsetOfRegionData;
    const area = { beginOffset, endOffset: beginOffset + pageBytes };
    stopwatch.start();
    const claim = { ...area, ownerOffset: owner.offset, ownedValue: 1 };
    const outcome = await manager.description.claim(managed, claim);
    managed[Symbol.dispose]();
    if (outcome !== 'granted') throw new Error(`the area was not free: ${outcome}`);
    const deadlineNs = process.hrtime.bigint() + silenceNs;
    while (owner.load() !== regionFree) {
      if (process.hrtime.bigint() > deadlineNs) throw new Error('the area did not become free');
    }
    stopwatch.stop(trip);
  }
  report(stopwatch.figures());
});
