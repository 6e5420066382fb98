// What the event loop of a host process does on every edge of its doorbell. Every process of a region gets every edge,
// and one of them takes each hint out; so each tests all that sleep in it, whatever it found in the table.
import { sleptOn } from './sleepers.js';
import { type ReceiveOutcome, receive, type SignalTable } from './table.js';
import type { Waiters } from './waiters.js';

export interface EdgeReceiver {
  readonly incoming: SignalTable;
  /** Waits of the event loop. */
  readonly waiters: Waiters;
  /** The board of the process's threads that block on words. */
  readonly sleepers: Int32Array;
  /** Wakes all that sleep on the futex of a word. */
  wake(offset: number): void;
}

/** Steps 4 and 5. */
export function takeEdge({ incoming, waiters, sleepers, wake }: EdgeReceiver): ReceiveOutcome {
  const hinted = new Set<number>();
  const outcome = receive(incoming, (offset) => hinted.add(offset));
  // Threads of other processes sleep on the words themselves: those that this one took the hints of.
  for (const offset of hinted) wake(offset);
  // This process's own on every edge: another one may have taken theirs.
  for (const offset of sleptOn(sleepers)) wake(offset);
  waiters.test(hinted);
  return outcome;
}
