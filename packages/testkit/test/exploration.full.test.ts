// The larger cases of the exploration, and the check that its model of a thread is right: random schedules of the small
// cases are done again by real Workers, whose real Atomics are granted one at a time.
import { describe, expect, it } from 'vitest';
import { largeCases, smallCases } from '../dist/explore/cases/index.js';
import { explore, formatExploration } from '../dist/explore/index.js';
import { openWorkerPool, StalledError } from '../dist/explore/workers.js';
import { seededRandom } from '../dist/index.js';

const timeoutMs = 1_200_000;

describe('no interleaving loses a signal, a claim or a byte', () => {
  it.each(largeCases.map((explorable) => [explorable.name, explorable] as const))(
    '%s',
    async (_name, explorable) => {
      const outcome = await explore(explorable);
      process.stderr.write(`${formatExploration(outcome)}\n`);
      expect(outcome.violation).toBeUndefined();
    },
    timeoutMs,
  );
});

it(
  'real Workers do the same as the model, 20 random schedules of each case',
  async () => {
    const random = seededRandom('schedules for Workers');
    let pool = openWorkerPool();
    let operations = 0;
    let stalls = 0;
    /** A Worker that stalls on a busy machine is no disagreement: the case gets another schedule, on fresh Workers. */
    async function check(explorable: (typeof smallCases)[number]): Promise<number> {
      try {
        return await pool.check(explorable, random);
      } catch (error) {
        if (!(error instanceof StalledError) || ++stalls > 2) throw error;
        process.stderr.write(`${explorable.name}: ${error.message}; once more\n`);
        await pool[Symbol.asyncDispose]();
        pool = openWorkerPool();
        return check(explorable);
      }
    }
    for (const explorable of smallCases) {
      for (let schedule = 0; schedule < 20; schedule++) operations += await check(explorable);
    }
    await pool[Symbol.asyncDispose]();
    process.stderr.write(`${smallCases.length * 20} schedules, ${operations} operations, all alike\n`);
    expect(operations).toBeGreaterThan(smallCases.length * 20);
  },
  timeoutMs,
);
