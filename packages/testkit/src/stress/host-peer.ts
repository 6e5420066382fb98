// host-peer --run-dir DIR --posts N …: a host process of a stress run. Without the slow timer: nothing may need it.
import { runMain, runPaths } from '@vsoc/process';
import { connectHost } from '@vsoc/vsoc/host';
import { readPeerArguments, runPeer } from './peer.js';
import { stressRegion } from './region.js';

runMain('host-peer', async (context) => {
  const peer = readPeerArguments('host');
  using device = await connectHost({ serverSocket: runPaths(peer.runDir).serverSocket, slowTimer: 'off' });
  using region = await device.open(stressRegion);
  const { up, down, downSeen, upSeenByFirst, upSeenBySecond } = region.data;
  const told = peer.place === 0 ? upSeenByFirst : upSeenBySecond;
  await runPeer(
    peer,
    {
      posting: { region, words: [...down], seen: [[...downSeen]] },
      watching: { region, words: [...up], told: [...told] },
      shared: region.share(),
      workerFile: new URL('./host-watcher.js', import.meta.url),
      rouse(words) {
        for (const word of words) region.signal(word);
      },
      counters: () => region.counters,
    },
    context,
  );
});
