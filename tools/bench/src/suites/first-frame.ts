// From the command to the first picture that a viewer has composed: in this working tree, where everything is built,
// and in a fresh clone of its last commit, which installs and builds first.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from '../bench.js';
import { repository, startDemo } from '../demo.js';
import { goalRow } from '../row.js';
import { median, spread } from '../statistics.js';

const execute = promisify(execFile);
const seconds = (ns: bigint) => Number(ns) / 1e9;
const cachedRounds = 3;

const cached: Bench = {
  name: 'budget/first-frame-cached',
  about: 'npm run demo, everything built, to the first frame at a viewer',
  async run({ signal, rounds }) {
    const times: number[] = [];
    while (times.length < Math.min(rounds, cachedRounds)) {
      await using demo = await startDemo({ folder: repository }, signal);
      times.push(seconds(demo.firstFrameNs));
    }
    const ours = median(times);
    const restless = { ours: spread(times), anchor: 0 };
    return [goalRow({ name: 'budget/first-frame-cached', unit: 's', ours, goal: 15, spread: restless })];
  },
};

const fresh: Bench = {
  name: 'budget/first-frame-fresh',
  about: 'git clone, install, build, npm run demo, to the first frame at a viewer (once; wants the registry)',
  async run({ signal }) {
    const folder = mkdtempSync(join(tmpdir(), 'vsoc-clone-'));
    try {
      const startNs = process.hrtime.bigint();
      await execute('git', ['clone', '--quiet', '--no-hardlinks', repository, folder], { signal });
      await using demo = await startDemo({ folder }, signal);
      const ours = seconds(demo.firstFrameAtNs - startNs);
      const note =
        "one run of the last commit; npm's and pnpm's caches as they are; the goal is that of clone to green tests";
      return [goalRow({ name: 'budget/first-frame-fresh', unit: 's', ours, goal: 180, note })];
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

export const firstFrameBenches: readonly Bench[] = [cached, fresh];
