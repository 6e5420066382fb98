// Host half ↔ guest half with everything in between: tables, doorbells, ivshmem-server's window, guest-driver's
// COND_WAIT. The anchor is three C processes that make the same hops.
import { system } from '@vsoc/vsoc/layout';
import { alternate } from '../alternate.js';
import type { Bench, BenchContext } from '../bench.js';
import { benchRegion } from '../bench-region.js';
import { compileAnchor } from '../c-program.js';
import { runPeers } from '../peer.js';
import { type Placement, pin, placements } from '../placement.js';
import { openRig } from '../rig.js';
import type { MeasuredRow } from '../row.js';
import { roundTripRows } from './round-trip.js';

const name = 'signal/half-to-half';
const size = { trips: 8_000, warmUp: 3_000 };

async function runPlaced(placement: Placement, { signal, rounds }: BenchContext) {
  const { here, there } = placement;
  const anchor = await compileAnchor({ program: 'chain', size, placement });
  await using rig = await openRig([system, benchRegion]);
  if (rig.guestDriver.pid !== undefined) pin(rig.guestDriver.pid, there);
  const words = [rig.paths.runDir];
  const round = () =>
    runPeers(
      {
        measuring: { program: 'host-half', size, cpu: here, words },
        answering: [{ program: 'guest-half', size, cpu: there, words }],
      },
      signal,
    );
  const figures = await alternate({ ours: { round }, anchor }, { rounds, signal });
  const goals = { p50: { timesAnchor: 1.3 } };
  return roundTripRows({ name: `${name}/${placement.name}`, anchorName: 'C, same hops', figures, goals });
}

export const halfToHalf: Bench = {
  name,
  about: 'host half ↔ guest half through server, tables, doorbells and guest-driver',
  async run(context) {
    const rows: MeasuredRow[] = [];
    for (const placement of placements()) rows.push(...(await runPlaced(placement, context)));
    return rows;
  },
};
