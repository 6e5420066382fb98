// What a hostile client costs others: the round trip of host half ↔ guest half while somebody floods the server or the
// guest driver about another region, beside the same round trip in peace. All that takes part in the round trip, and
// both victims, share one core; the flood comes from the other with all its threads, so that it takes nobody's
// processor time but the time that its victims spend on it.
import { execFileSync } from 'node:child_process';
import { system } from '@vsoc/vsoc/layout';
import { alternate } from '../alternate.js';
import type { Bench, BenchContext } from '../bench.js';
import { benchManager, benchRegion } from '../bench-region.js';
import { runPeers } from '../peer.js';
import { pin, placements } from '../placement.js';
import { openRig, type Rig } from '../rig.js';
import type { MeasuredRow } from '../row.js';
import { roundTripRows } from './round-trip.js';

/**
 * The halves are warm when it counts: before, the engine's own threads compile their code on the other core, which a
 * flood takes from them, whomever it floods.
 */
const size = { trips: 10_000, warmUp: 20_000 };
const ways = [
  'host-comes-and-goes',
  'host-sends-noise',
  'process-comes-and-goes',
  'process-sends-noise',
  'process-asks-without-end',
] as const;

async function measure(rig: Rig, way: string, { signal, rounds }: BenchContext) {
  const words = [rig.paths.runDir];
  const [{ here = -1 } = {}, { there = -1 } = {}] = placements();
  for (const { pid } of [rig.server, rig.guestDriver]) if (pid !== undefined) pin(pid, here);
  const peers = {
    measuring: { program: 'host-half', size, cpu: here, words },
    answering: [{ program: 'guest-half', size, cpu: here, words }],
  };
  async function flooded(): ReturnType<typeof runPeers> {
    const hostile = await rig.start('hostile', 'ivshmem-server/dist/testing/hostile.js', [
      way,
      benchManager.name,
    ]);
    if (hostile.pid !== undefined) pinWhole(hostile.pid, there);
    try {
      return await runPeers(peers, signal);
    } finally {
      await hostile.stop();
    }
  }
  const sides = { ours: { round: flooded }, anchor: { round: () => runPeers(peers, signal) } };
  const figures = await alternate(sides, { rounds, signal });
  const goals = { p99: { timesAnchor: 2 } };
  return roundTripRows({ name: `flood/${way}`, anchorName: 'the same, in peace', figures, goals });
}

/** The collector's threads too, which would else take the victims' core. */
function pinWhole(pid: number, cpu: number): void {
  if (cpu < 0) return;
  execFileSync('taskset', ['-a', '-p', '-c', String(cpu), String(pid)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

export const floodBenches: readonly Bench[] = ways.map((way) => ({
  name: `flood/${way}`,
  about: `host half ↔ guest half while a client, as ${way}, floods with another region`,
  async run(context) {
    await using rig = await openRig([system, benchRegion, benchManager]);
    const rows: readonly MeasuredRow[] = await measure(rig, way, context);
    return rows;
  },
}));
