// A receiver to the letter of the header: it believes the hints, wakes sleepers on the futex of each word found in the
// table, and sleeps as step 6 has it. Posters of ours must serve such a peer as long as the table has a place.
import { acknowledge, drain, isRaised } from '@vsoc/vsoc/signalling';
import { openDoorbell } from '../descriptors.js';
import { futexes } from '../futex.js';
import type { Case, ThreadPlan } from '../model.js';
import { type PostSteps, realPost } from './signals.js';
import { smallTable } from './table.js';

export interface HeaderReceiverOptions {
  readonly name: string;
  /** By poster: which word it signals, as an index. One sleeper waits on each word. */
  readonly posters: readonly number[];
  readonly slotCountLog2: number;
  readonly post?: PostSteps;
  /** Step 6: looks at the interrupt word once more before it sleeps. */
  readonly looksBeforeSleep?: boolean;
}

export function headerReceiver(options: HeaderReceiverOptions): Case {
  const { name, posters, post = realPost, looksBeforeSleep = true } = options;
  return {
    name,
    build(space) {
      const { table, words, offsets } = smallTable(space, options);
      const doorbell = openDoorbell(space, 'doorbell');
      const futex = futexes(space);
      const threads: Record<string, ThreadPlan> = {};
      for (const [index, word] of posters.entries()) {
        const offset = offsets[word] ?? 0;
        threads[`poster ${index + 1}`] = {
          body() {
            Atomics.add(words, offset >>> 2, 1);
            post(table, offset, doorbell);
          },
        };
      }
      for (const word of new Set(posters)) {
        const index = (offsets[word] ?? 0) >>> 2;
        const goal = posters.filter((posted) => posted === word).length;
        const sleeper = futex.sleeper(`sleeper on word ${'ABCD'[word]}`);
        threads[`sleeper ${'ABCD'[word]}`] = {
          body() {
            for (let seen = 0; seen !== goal; seen = Atomics.load(words, index)) {
              sleeper.waitWhile(words, index, seen);
            }
          },
        };
      }
      threads.receiver = {
        isService: true,
        body() {
          for (;;) {
            acknowledge(table); // step 4
            drain(table, (offset) => futex.wakeAll(words, offset >>> 2)); // step 5
            // Step 6. Rings before this wait are none of its business: it is not the one that keeps count of edges.
            const before = doorbell.count();
            if (!looksBeforeSleep || !isRaised(table)) doorbell.sleepPast(before, () => true);
          }
        },
      };
      return { threads };
    },
  };
}
