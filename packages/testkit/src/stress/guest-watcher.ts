// A Worker of guest-peer: blocks in the guest driver's answer about one word, and tells each value that it sees.
import { workerData } from 'node:worker_threads';
import { attachGuestRegion, type SharedGuestRegion } from '@vsoc/vsoc/guest';
import type { WatchTask } from './peer.js';
import { stressRegion } from './region.js';

const { shared, index, stop } = workerData as WatchTask<SharedGuestRegion>;
using region = attachGuestRegion(stressRegion, shared);
const word = region.data.down.at(index);
const told = region.data.downSeen.at(index);
for (;;) {
  const value = word.load();
  if (told.load() !== value) {
    told.store(value);
    region.signalPeer(told);
  }
  // The answer is the driver's: its slices look at the stop word alone.
  if (region.blockWhile(word, value, { stop }) === 'stopped') break;
}
