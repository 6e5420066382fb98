/** The workers of the storm, each at its place: who is killed is replaced, and who ends otherwise has found something. */
import type { Child } from '@vsoc/process/launcher';
import type { SeededRandom } from '@vsoc/testkit';
import { operations, type StormCounts } from '../../src/testing/storm-counts.js';
import { kill, type World } from '../fixtures/world.js';

export interface Crew {
  /** Of all workers that ever were, as far as they could report it. */
  readonly counts: Record<string, number>;
  /** Resolves when so many operations are done; rejects with what a worker found. */
  done(count: number): Promise<void>;
  /** SIGKILL to the one at `place`. */
  kill(place: number): Promise<void>;
  /** A successor there. */
  start(place: number): Promise<void>;
  /** All end by themselves. Rejects with what a worker found. */
  stop(): Promise<void>;
}

export interface CrewOptions {
  readonly workers: number;
  readonly random: SeededRandom;
  /** Called when somebody has reported; what it throws counts as found. */
  readonly onProgress: () => void;
}

export async function startCrew(world: World, { workers, random, onProgress }: CrewOptions): Promise<Crew> {
  const counts: Record<string, number> = {};
  const atPlace: Child[] = [];
  const failing = new AbortController();
  let onNews = () => {};

  function takeReport({ done = {} }: { done?: StormCounts }): void {
    for (const [what, count] of Object.entries(done)) counts[what] = (counts[what] ?? 0) + count;
    try {
      onProgress();
    } catch (error) {
      failing.abort(error);
    }
    onNews();
  }

  async function start(place: number): Promise<void> {
    const args = Object.entries({ place, workers, seed: random.below(2 ** 31) });
    const child = await world.startTesting('storm-worker', {
      args: args.flatMap(([name, value]) => [`--${name}`, String(value)]),
      onReport: takeReport,
    });
    atPlace[place] = child;
    void child.ended.then(({ code, signal, text, lastError }) => {
      if (code === 0 || signal === 'SIGKILL') return;
      failing.abort(new Error(`the worker at place ${place} ${text}: ${lastError}`));
      onNews();
    });
  }

  const total = () => operations.reduce((sum, operation) => sum + (counts[operation] ?? 0), 0);
  await Promise.all(Array.from({ length: workers }, (_, place) => start(place)));

  return {
    counts,
    done: (count) =>
      new Promise((resolve, reject) => {
        onNews = () => {
          if (failing.signal.aborted) reject(failing.signal.reason);
          else if (total() >= count) resolve();
        };
        onNews();
      }),
    kill: (place) => kill(atPlace[place] as Child),
    start,
    async stop() {
      await Promise.all(atPlace.map((child) => child.stop()));
      failing.signal.throwIfAborted();
    },
  };
}
