// Host processes whose workers block on futexes: the worker enters the board, looks at its word and sleeps; the event
// loop of each process takes edges and wakes. A second process may take the hints of the first one's words away.
import { createWaiters, sleepOnBoard, takeEdge } from '@vsoc/vsoc/signalling';
import { openDoorbell } from '../descriptors.js';
import { futexes } from '../futex.js';
import type { Case, ThreadPlan } from '../model.js';
import { sharedWords } from '../words.js';
import { realPost } from './signals.js';
import { type SmallTableOptions, smallTable } from './table.js';

export interface BlockedOptions extends SmallTableOptions {
  readonly name: string;
  /** By poster: which word it signals, as an index. */
  readonly posters: readonly number[];
  /** By worker of the first process: on which word it waits until all its posters are seen. */
  readonly workers: readonly number[];
  /** Processes that watch the doorbell; 1 when left out. */
  readonly processes?: number;
  /** The first other processes may be killed before each of their steps. */
  readonly mortalProcesses?: number;
  /** The loop wakes those whose hints it took, and nobody else. */
  readonly wakesHintedOnly?: boolean;
}

export function blocked(options: BlockedOptions): Case {
  const { name, posters, workers, processes = 1, mortalProcesses = 0 } = options;
  return {
    name,
    build(space) {
      const { table, words, offsets } = smallTable(space, options);
      const doorbell = openDoorbell(space, 'doorbell');
      const futex = futexes(space);
      const boards = Array.from({ length: processes }, (_, index) =>
        sharedWords(space, `board of process ${index + 1}`, { length: index === 0 ? workers.length : 0 }),
      );
      const threads: Record<string, ThreadPlan> = {};
      for (const [index, word] of posters.entries()) {
        const offset = offsets[word] ?? 0;
        threads[`poster ${index + 1}`] = {
          body() {
            Atomics.add(words, offset >>> 2, 1);
            realPost(table, offset, doorbell);
          },
        };
      }
      for (const [index, word] of workers.entries()) {
        const offset = offsets[word] ?? 0;
        const goal = posters.filter((posted) => posted === word).length;
        const sleeper = futex.sleeper(`worker ${index + 1}`);
        threads[`worker ${index + 1}`] = {
          body() {
            for (let seen = 0; seen !== goal; seen = Atomics.load(words, offset >>> 2)) {
              const awaited = seen;
              sleepOnBoard(boards[0] ?? words, {
                offset,
                hasChanged: () => Atomics.load(words, offset >>> 2) !== awaited,
                sleep: () => void sleeper.waitWhile(words, offset >>> 2, awaited),
              });
            }
          },
        };
      }
      for (const [index, board] of boards.entries()) {
        const wake = (offset: number) => futex.wakeAll(words, offset >>> 2);
        const sleepers = options.wakesHintedOnly ? new Int32Array(0) : board;
        const mayDie = index > 0 && index <= mortalProcesses;
        threads[`loop ${index + 1}`] = {
          isService: true,
          ...(mayDie ? { crash: space.cell(`process ${index + 1} is dead`) } : {}),
          body() {
            const waiters = createWaiters({ words });
            for (let seen = 0; ; ) {
              seen = doorbell.sleepPast(seen);
              takeEdge({ incoming: table, waiters, sleepers, wake });
            }
          },
        };
      }
      return { threads };
    },
  };
}
