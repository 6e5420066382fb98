// The byte ring between two processes that spin, one that writes chunks and one that reads and measures: against the
// same ring in C, and against the ring that npm offers.
import { createSealedMemfd } from '@vsoc/native';
import { system } from '@vsoc/vsoc/layout';
import { alternate, type Contestant } from '../alternate.js';
import type { Bench, BenchContext } from '../bench.js';
import { compileAnchor, type Figures, type RoundSize } from '../c-program.js';
import { runPeers } from '../peer.js';
import { type Placement, placements } from '../placement.js';
import { openRig } from '../rig.js';
import { ringCapacityLog2, ringRegion, ringSampleBytes } from '../ring-region.js';
import { type MeasuredRow, row } from '../row.js';

const size: RoundSize = { trips: 400, warmUp: 200 };

interface RingBench {
  readonly chunkBytes: number;
  /** What is wanted, as multiples of the anchors. */
  readonly goals: { readonly c: number; readonly npm?: number };
}

function npmRing(chunkBytes: number, { here, there }: Placement): Contestant<Figures> {
  return {
    async round(signal) {
      using window = createSealedMemfd('bench-ring-npm', 2 ** ringCapacityLog2);
      const common = { program: 'ring-npm', size, fds: [window.fd] };
      const measuring = { ...common, cpu: here, words: ['consumer', String(chunkBytes)] };
      const answering = [{ ...common, cpu: there, words: ['producer', String(chunkBytes)] }];
      return await runPeers({ measuring, answering }, signal);
    },
  };
}

async function runPlaced(
  { chunkBytes, goals }: RingBench,
  placement: Placement,
  { signal, rounds }: BenchContext,
): Promise<readonly MeasuredRow[]> {
  await using rig = await openRig([system, ringRegion]);
  const words = [rig.paths.runDir, String(chunkBytes)];
  const ours: Contestant<Figures> = {
    round: () =>
      runPeers(
        {
          measuring: { program: 'ring-host', size, cpu: placement.here, words },
          answering: [{ program: 'ring-guest', size, cpu: placement.there, words }],
        },
        signal,
      ),
  };
  const cWords = [ringCapacityLog2, chunkBytes, ringSampleBytes].map(String);
  const anchors = [
    {
      name: 'c',
      anchorName: 'C, same ring',
      anchor: await compileAnchor({ program: 'ring', size, placement, words: cWords }),
      timesAnchor: goals.c,
    },
    {
      name: 'npm',
      anchorName: 'ringbuf.js 0.4',
      anchor: npmRing(chunkBytes, placement),
      timesAnchor: goals.npm,
    },
  ];
  const rows: MeasuredRow[] = [];
  for (const { name, anchorName, anchor, timesAnchor } of anchors) {
    const { p50Ns } = await alternate({ ours, anchor }, { rounds, signal });
    rows.push(
      row({
        name: `ring/${chunkBytes / 1024}-KiB/${name}`,
        unit: 'GB/s',
        direction: 'rate',
        ours: ringSampleBytes / p50Ns.ours,
        anchor: ringSampleBytes / p50Ns.anchor,
        anchorName,
        spread: p50Ns.spread,
        ...(timesAnchor === undefined ? {} : { goal: { timesAnchor } }),
      }),
    );
  }
  return rows;
}

function ringBench(bench: RingBench): Bench {
  const chunk = `${bench.chunkBytes / 1024}-KiB`;
  return {
    name: `ring/${chunk}`,
    about: `byte ring between two processes that spin, chunks of ${chunk} (wants two free cores)`,
    async run(context) {
      // On one core each would wait for the other's time slice.
      const apart = placements().find(({ name }) => name === 'two-cores');
      return apart === undefined ? [] : await runPlaced(bench, apart, context);
    },
  };
}

export const ringBenches: readonly Bench[] = [
  ringBench({ chunkBytes: 4 * 1024, goals: { c: 0.8, npm: 2 } }),
  ringBench({ chunkBytes: 64 * 1024, goals: { c: 0.7 } }),
];
