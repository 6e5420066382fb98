// Raw words between two Node processes against the same in C: what the runtime and the addon add to the kernel's
// own futex, eventfd and cache line, before any protocol.
import { createEventfd, createSealedMemfd } from '@vsoc/native';
import { alternate } from '../alternate.js';
import type { Bench, BenchContext } from '../bench.js';
import { compileAnchor, type RoundSize } from '../c-program.js';
import { runPeers } from '../peer.js';
import type { Goal } from '../row.js';
import { roundTripRows } from './round-trip.js';

interface WordsBench {
  readonly kind: 'futex' | 'eventfd' | 'spin';
  readonly about: string;
  readonly anchorName: string;
  readonly size: RoundSize;
  readonly goals: { readonly p50?: Goal; readonly p99?: Goal };
}

function wordsBench({ kind, about, anchorName, size, goals }: WordsBench): Bench {
  const name = `signal/${kind}`;
  async function run({ signal, rounds }: BenchContext) {
    const anchor = await compileAnchor(`${kind}-ping`, size);
    const round = async () => {
      using window = createSealedMemfd('bench-words', 65536);
      using there = createEventfd();
      using back = createEventfd();
      const fds = [window.fd, there.fd, back.fd];
      const peer = (role: string) => ({ program: 'words', size, words: [kind, role], fds });
      return await runPeers({ measuring: peer('ping'), answering: [peer('pong')] }, signal);
    };
    const figures = await alternate({ ours: { round }, anchor }, { rounds, signal });
    return roundTripRows({ name, anchorName, figures, goals });
  }
  return { name, about, run };
}

export const wordsBenches: readonly Bench[] = [
  wordsBench({
    kind: 'futex',
    about: 'word round trip of two processes asleep on a futex',
    anchorName: 'C futex',
    size: { trips: 20_000, warmUp: 5_000 },
    goals: { p50: { timesAnchor: 1.1 }, p99: { timesAnchor: 1.25 } },
  }),
  wordsBench({
    kind: 'eventfd',
    about: 'word round trip of two processes in their event loops, doorbell each way',
    anchorName: 'C eventfd + epoll',
    size: { trips: 20_000, warmUp: 5_000 },
    goals: {},
  }),
  wordsBench({
    kind: 'spin',
    about: 'word round trip of two processes that spin (wants two free cores)',
    anchorName: 'C spin',
    size: { trips: 200_000, warmUp: 50_000 },
    goals: { p50: { timesAnchor: 1.2 } },
  }),
];
