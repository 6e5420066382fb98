// guest-peer --run-dir DIR --posts N …: the guest's process of a stress run.
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { readPeerArguments, runPeer } from './peer.js';
import { stressRegion } from './region.js';

runMain('guest-peer', async (context) => {
  const peer = readPeerArguments('guest');
  using device = await openGuest({ deviceDirectory: runPaths(peer.runDir).deviceDir });
  using region = await device.open(stressRegion);
  const { up, down, downSeen, upSeenByFirst, upSeenBySecond } = region.data;
  const watchers = [[...upSeenByFirst], [...upSeenBySecond]];
  await runPeer(
    peer,
    {
      posting: { region, words: [...up], seen: watchers.slice(0, peer.watchers) },
      watching: { region, words: [...down], told: [...downSeen] },
      shared: region.share(),
      workerFile: new URL('./guest-watcher.js', import.meta.url),
      // Its Workers poll for their answers in slices, and look at the stop word in between.
      rouse() {},
      counters: () => region.counters,
    },
    context,
  );
});
