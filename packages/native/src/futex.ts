// Sleeping on a word of shared memory, across processes (Atomics.wait and notify never cross them).
// futexWait blocks its whole thread: on the main thread no signal handler and no callback runs meanwhile,
// and a Worker in it cannot be terminated: worker.terminate() and process.exit() hang until it returns.
// So wait in slices (deadlines of at most 50 ms) and look at a stop word between them.
import { addon } from './addon.js';
import { checkInteger, checkWord } from './check.js';

// The order is the addon's.
const outcomes = ['woken', 'changed', 'timed-out', 'interrupted'] as const;
export type FutexOutcome = (typeof outcomes)[number];

const everyone = 0x7fff_ffff;

/**
 * Sleeps while the word holds `expected`, until woken or the deadline: absolute CLOCK_MONOTONIC, the clock of
 * process.hrtime.bigint(). 'changed': it did not hold it to begin with, which is tested before the deadline.
 * 'woken' may be spurious: test the word again. 'interrupted': by a signal to the process, the end of a child
 * among them.
 */
export function futexWait(
  words: Int32Array,
  index: number,
  expected: number,
  deadlineNs?: bigint,
): FutexOutcome {
  checkWord(words, index);
  checkInteger('expected value of the word', expected, -0x8000_0000, 0xffff_ffff);
  if (deadlineNs !== undefined && (typeof deadlineNs !== 'bigint' || deadlineNs < 0n)) {
    throw new RangeError(`deadlineNs: expected a bigint from 0, seen ${deadlineNs} (${typeof deadlineNs})`);
  }
  return outcomes[addon.futexWait(words, index, expected, deadlineNs)] as FutexOutcome;
}

/** Wakes up to `count` sleepers of all processes; answers with how many there were. */
export function futexWake(words: Int32Array, index: number, count: number = everyone): number {
  checkWord(words, index);
  checkInteger('count to wake', count, 1, everyone);
  return addon.futexWake(words, index, count);
}
