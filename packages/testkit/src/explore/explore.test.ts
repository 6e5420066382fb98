// The explorer itself: it finds what only one interleaving shows, covers all of them, and refuses what it cannot replay.
import { describe, expect, it } from 'vitest';
import { explore } from './explore.js';
import type { Case } from './model.js';
import { perform } from './operation.js';
import { formatViolation } from './report.js';
import type { Space } from './space.js';
import { sharedWords } from './words.js';

const word = 3;

function counting(name: string, increment: (words: Int32Array) => void, threads = 2): Case {
  return {
    name,
    build(space: Space) {
      const words = sharedWords(space, 'words');
      const bodies = Array.from({ length: threads }, (_, index) => [
        `thread ${index + 1}`,
        { body: () => increment(words) },
      ]);
      return {
        threads: Object.fromEntries(bodies),
        atEnd: (end) => (end.word(words, word) === threads ? undefined : 'an increment is lost'),
      };
    },
  };
}

const byLoadAndStore = (words: Int32Array) => {
  Atomics.store(words, word, Atomics.load(words, word) + 1);
};

describe('explore', () => {
  it('finds the shortest interleaving that loses an update', async () => {
    const { violation } = await explore(counting('load and store', byLoadAndStore));
    expect(violation?.reason).toBe('an increment is lost');
    expect(violation && formatViolation(violation).split('\n').slice(1)).toEqual([
      '    1  thread 1  load(words[3]) = 0',
      '    2  thread 2  load(words[3]) = 0',
      '    3  thread 1  store(words[3], 1) = 1',
      '    4  thread 2  store(words[3], 1) = 1',
    ]);
  });

  it('finds it where the accesses are plain', async () => {
    const increment = (words: Int32Array) => {
      words[word] = (words[word] ?? 0) + 1;
    };
    expect((await explore(counting('plain', increment))).violation).toBeDefined();
  });

  it('covers every interleaving', async () => {
    const increment = (words: Int32Array) => {
      for (let time = 0; time < 2; time++) Atomics.add(words, word, 0.5);
      Atomics.add(words, word, 1);
    };
    // 0.5 is 0 for an Int32Array: three operations a thread, (3 + 3 + 3)! / 3!³ orders.
    const outcome = await explore(counting('three threads of three operations', increment, 3));
    expect(outcome).toMatchObject({ interleavings: 1680, depth: 9 });
    expect(outcome.violation).toBeUndefined();
  });

  it('runs the code once for each list of results, not for each interleaving', async () => {
    const increment = (words: Int32Array) => {
      for (let time = 0; time < 8; time++) Atomics.load(words, 0);
      Atomics.add(words, word, 1);
    };
    const { interleavings, runs } = await explore(counting('mostly loads', increment));
    expect(interleavings).toBe(48_620);
    expect(runs).toBeLessThan(30);
  });

  it('tells who sleeps for ever', async () => {
    const asleep: Case = {
      name: 'asleep',
      build: () => ({
        threads: {
          sleeper: { body: () => void perform({ what: 'sleep', ways: () => [], apply: () => 0 }) },
        },
      }),
    };
    expect((await explore(asleep)).violation?.reason).toBe('sleeper sleeps for ever: sleep');
  });

  it('explores the death of a thread before each of its operations', async () => {
    const values = new Set<number>();
    const mortal: Case = {
      name: 'mortal',
      build(space) {
        const words = sharedWords(space, 'words');
        const crash = space.cell('is dead');
        const body = () => {
          for (let time = 0; time < 3; time++) Atomics.add(words, word, 1);
        };
        return {
          threads: { mortal: { body, crash } },
          atEnd(end) {
            values.add(end.word(words, word) + 10 * end.cell(crash));
            return undefined;
          },
        };
      },
    };
    await explore(mortal);
    expect([...values].toSorted()).toEqual([10, 11, 12, 3]);
  });

  it('an error of the code under test is a violation with its schedule', async () => {
    const failing = counting('failing', (words) => {
      if (Atomics.add(words, word, 1) === 1) throw new Error('came second');
    });
    const { violation } = await explore(failing);
    expect(violation?.reason).toContain('thread 2: Error: came second');
    expect(violation?.turns).toHaveLength(2);
  });

  it('code that depends on more than its results is refused', async () => {
    let runs = 0;
    const fickle = counting('fickle', (words) => {
      if (runs++ < 3) byLoadAndStore(words);
    });
    await expect(explore(fickle)).rejects.toThrow('it is not deterministic');
  });

  it('gives the real Atomics back', async () => {
    const before = [globalThis.Atomics, globalThis.Int32Array, globalThis.setTimeout];
    await explore(counting('load and store', byLoadAndStore));
    expect([globalThis.Atomics, globalThis.Int32Array, globalThis.setTimeout]).toEqual(before);
  });
});
