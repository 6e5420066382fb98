// The kernel's futexes in a model: a thread sleeps on a word if it holds what the thread expects, tested and enqueued
// in one step, until somebody wakes that word.
import { perform } from './operation.js';
import { at, type Cell, never, once, type Space } from './space.js';
import { cellOf } from './words.js';

export interface Futexes {
  /** For one thread's sleeps. */
  sleeper(name: string): FutexSleeper;
  wakeAll(words: Int32Array, index: number): void;
}

export interface FutexSleeper {
  waitWhile(words: Int32Array, index: number, expected: number): 'changed' | 'woken';
}

export function futexes(space: Space): Futexes {
  /** Each holds the cell slept on plus 1; 0: awake. */
  const beds: Cell[] = [];

  function cellBehind(words: Int32Array, index: number): Cell {
    const cell = cellOf(words, index);
    if (cell === undefined) throw new Error('a futex of a model needs words of that model');
    return cell;
  }

  return {
    sleeper(name) {
      const bed = space.cell(`what ${name} sleeps on`);
      beds.push(bed);
      return {
        waitWhile(words, index, expected) {
          const cell = cellBehind(words, index);
          const sleeps = perform({
            what: `futexWait(${cell.name}, ${expected})`,
            apply(memory) {
              if (at(memory, cell.index) !== expected) return 0;
              memory[bed.index] = cell.index + 1;
              return 1;
            },
          });
          if (sleeps === 0) return 'changed';
          perform({
            what: `sleep on ${cell.name}`,
            ways: (memory) => (at(memory, bed.index) === 0 ? once : never),
            apply: () => 0,
          });
          return 'woken';
        },
      };
    },
    wakeAll(words, index) {
      const cell = cellBehind(words, index);
      perform({
        what: `futexWake(${cell.name})`,
        apply(memory) {
          const sleepers = beds.filter((bed) => at(memory, bed.index) === cell.index + 1);
          for (const bed of sleepers) memory[bed.index] = 0;
          return sleepers.length;
        },
      });
    },
  };
}
