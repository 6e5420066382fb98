// Raw words between two Node processes against the same in C: what the runtime and the addon add to the kernel's
// own futex, eventfd and cache line, before any protocol.
import { createEventfd, createSealedMemfd } from '@vsoc/native';
import { alternate } from '../alternate.js';
import type { Bench, BenchContext } from '../bench.js';
import { compileAnchor, type RoundSize } from '../c-program.js';
import { runPeers } from '../peer.js';
import { type Placement, placements } from '../placement.js';
import type { Goal, MeasuredRow } from '../row.js';
import { roundTripRows } from './round-trip.js';

interface WordsBench {
  readonly kind: 'futex' | 'eventfd' | 'spin';
  readonly about: string;
  readonly anchorName: string;
  readonly size: RoundSize;
  readonly goals: { readonly p50?: Goal; readonly p99?: Goal };
}

function wordsBench(bench: WordsBench): Bench {
  const name = `signal/${bench.kind}`;
  async function run(context: BenchContext) {
    const rows: MeasuredRow[] = [];
    for (const placement of placements()) {
      if (bench.kind === 'spin' && placement.name === 'one-core') continue; // each would wait for the other's time slice
      rows.push(...(await runPlaced(bench, placement, context)));
    }
    return rows;
  }
  return { name, about: bench.about, run };
}

async function runPlaced(bench: WordsBench, placement: Placement, { signal, rounds }: BenchContext) {
  const { kind, size, anchorName, goals } = bench;
  const anchor = await compileAnchor({ program: `${kind}-ping`, size, placement });
  const round = async () => {
    using window = createSealedMemfd('bench-words', 65536);
    using there = createEventfd();
    using back = createEventfd();
    const common = { program: 'words', size, fds: [window.fd, there.fd, back.fd] };
    const measuring = { ...common, cpu: placement.here, words: [kind, 'ping'] };
    const answering = [{ ...common, cpu: placement.there, words: [kind, 'pong'] }];
    return await runPeers({ measuring, answering }, signal);
  };
  const figures = await alternate({ ours: { round }, anchor }, { rounds, signal });
  return roundTripRows({ name: `signal/${kind}/${placement.name}`, anchorName, figures, goals });
}

export const wordsBenches: readonly Bench[] = [
  wordsBench({
    kind: 'futex',
    about: 'word round trip of two processes asleep on a futex',
    anchorName: 'C futex',
    size: { trips: 10_000, warmUp: 3_000 },
    goals: { p50: { timesAnchor: 1.1 }, p99: { timesAnchor: 1.25 } },
  }),
  wordsBench({
    kind: 'eventfd',
    about: 'word round trip of two processes in their event loops, doorbell each way',
    anchorName: 'C eventfd + epoll',
    size: { trips: 10_000, warmUp: 3_000 },
    goals: {},
  }),
  wordsBench({
    kind: 'spin',
    about: 'word round trip of two processes that spin (wants two free cores)',
    anchorName: 'C spin',
    size: { trips: 20_000, warmUp: 5_000 },
    goals: { p50: { timesAnchor: 1.2 } },
  }),
];
