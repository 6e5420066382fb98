// A Worker of host-peer: blocks on the futex of one word, and tells each value that it sees.
import { workerData } from 'node:worker_threads';
import { attachHostRegion, type SharedHostRegion } from '@vsoc/vsoc/host';
import type { WatchTask } from './peer.js';
import { stressRegion } from './region.js';

/** It does not look up from its sleep: a wake-up that is lost stays lost. */
const sliceMs = 3_600_000;

const { shared, index, place, stop } = workerData as WatchTask<SharedHostRegion>;
using region = attachHostRegion(stressRegion, shared);
const { up, upSeenByFirst, upSeenBySecond } = region.data;
const word = up.at(index);
const told = (place === 0 ? upSeenByFirst : upSeenBySecond).at(index);
for (;;) {
  const value = word.load();
  if (told.load() !== value) {
    told.store(value);
    region.signalPeer(told);
  }
  if (region.blockWhile(word, value, { stop, sliceMs }) === 'stopped') break;
}
