// The signal table without any wake-up: posting, and draining a nearly empty table, against the same steps in C.
import { alternate } from '../alternate.js';
import type { Bench, BenchContext } from '../bench.js';
import { compileAnchor } from '../c-program.js';
import { runPeers } from '../peer.js';
import { row } from '../row.js';

const postSize = { trips: 2_000, warmUp: 500 };
const drainSize = { trips: 20_000, warmUp: 5_000 };

const post: Bench = {
  name: 'signal/post',
  about: 'posting one signal, 1024 words a page apart, table of 4096 slots',
  async run({ signal, rounds }: BenchContext) {
    const anchor = await compileAnchor({ program: 'table', size: postSize, words: ['post'] });
    const round = () =>
      runPeers({ measuring: { program: 'table', size: postSize, cpu: -1, words: ['post'] } }, signal);
    const { p50Ns } = await alternate({ ours: { round }, anchor }, { rounds, signal });
    return [row({ ...p50Ns, name: 'signal/post', unit: 'ns', anchorName: 'C post', goal: { bound: 40 } })];
  },
};

const drain: Bench = {
  name: 'signal/drain',
  about: 'draining a table of 1024 slots, one of them posted',
  async run({ signal, rounds }: BenchContext) {
    const anchor = await compileAnchor({ program: 'table', size: drainSize, words: ['drain'] });
    const round = () =>
      runPeers({ measuring: { program: 'table', size: drainSize, cpu: -1, words: ['drain'] } }, signal);
    const { p50Ns } = await alternate({ ours: { round }, anchor }, { rounds, signal });
    const { ours, anchor: theirs, spread } = p50Ns;
    const inUs = { ours: ours / 1000, anchor: theirs / 1000, unit: 'µs', spread };
    return [row({ ...inUs, name: 'signal/drain', anchorName: 'C drain, load first', goal: { bound: 3 } })];
  },
};

export const tableBenches: readonly Bench[] = [post, drain];
