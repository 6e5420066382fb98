// What a permission costs: CREATE on an open description, and from its last close to the owner word that reads FREE,
// through the real guest-driver. The anchor is two C processes that make the same hops.
import { system } from '@vsoc/vsoc/layout';
import { alternate } from '../alternate.js';
import type { Bench, BenchContext } from '../bench.js';
import { benchManager, benchMemory } from '../bench-region.js';
import { compileAnchor } from '../c-program.js';
import { runPeers } from '../peer.js';
import { pin, placements } from '../placement.js';
import { openRig } from '../rig.js';
import { roundTripRows } from './round-trip.js';

const name = 'claim/claim-and-free';
const size = { trips: 2_000, warmUp: 500 };

export const claimBench: Bench = {
  name,
  // The part of a buffer's cycle that is the permission's.
  alsoIn: 'gralloc',
  about: 'claiming a page and freeing it by the last close, through guest-driver',
  async run({ signal, rounds }: BenchContext) {
    // The client spins for the owner word: it and the driver want a core each.
    const placement = placements().at(-1);
    if (!placement) throw new Error('no placement of processes on this machine');
    const anchor = await compileAnchor({ program: 'claim', size, placement });
    await using rig = await openRig([system, benchManager, benchMemory]);
    if (rig.guestDriver.pid !== undefined) pin(rig.guestDriver.pid, placement.there);
    const measuring = { program: 'claimer', size, cpu: placement.here, words: [rig.paths.runDir] };
    const round = () => runPeers({ measuring }, signal);
    const figures = await alternate({ ours: { round }, anchor }, { rounds, signal });
    const goals = { p50: { bound: 30 } };
    return roundTripRows({ name, anchorName: 'C, same hops', figures, goals });
  },
};
