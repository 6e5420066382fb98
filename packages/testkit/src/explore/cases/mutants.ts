// Plausible mistakes in the protocol's steps. Each must be caught by a case: a proof that no mistake can break proves
// nothing.
import { acknowledge, drain, insert, raise, receive } from '@vsoc/vsoc/signalling';
import type { Operation } from '../operation.js';
import type { EdgeSteps, PostSteps } from './signals.js';

/** The interrupt word is lowered last, together with what was posted during the scan. */
export const acknowledgeAfterScan: EdgeSteps = ({ incoming, waiters }) => {
  drain(incoming, () => {});
  waiters.test();
  acknowledge(incoming);
};

/** The table is believed: only those that wait for a word found in it are tested. */
export const testOnlyHinted: EdgeSteps = ({ incoming, waiters }, sleeping) => {
  const hinted: number[] = [];
  receive(incoming, (offset) => hinted.push(offset));
  for (const offset of hinted) {
    const waiter = sleeping.get(offset);
    if (waiter === undefined) continue;
    waiters.remove(waiter);
    waiters.add(waiter);
  }
};

/** An edge with the word at 0 is taken for a spurious one, as the header's step 4 invites to. */
export const ignoreWhenNotRaised: EdgeSteps = ({ incoming, waiters }) => {
  if (!acknowledge(incoming)) return;
  drain(incoming, () => {});
  waiters.test();
};

/** The receiver tests first and empties afterwards. */
export const testBeforeAcknowledge: EdgeSteps = ({ incoming, waiters }) => {
  waiters.test();
  receive(incoming, () => {});
};

/** The interrupt word is raised before the hint is in its place. */
export const raiseBeforeInsert: PostSteps = (table, offset, doorbell) => {
  const mustRing = raise(table);
  if (mustRing) doorbell.ring();
  insert(table, offset);
};

/** The header's step 3a to the letter: a hint that is there already ends the post. */
export const stopWhenAlreadyThere: PostSteps = (table, offset, doorbell) => {
  if (insert(table, offset) === 'already-there') return;
  if (raise(table)) doorbell.ring();
};

/** A full table ends the post, as if its entries would do. */
export const silentWhenFull: PostSteps = (table, offset, doorbell) => {
  if (insert(table, offset) === 'full') return;
  if (raise(table)) doorbell.ring();
};

/** A ring's producer that never looks whether the consumer sleeps. */
export function neverWakes(operation: Operation): Operation {
  return operation.what === 'load(dataWanted)' ? { what: 'nobody sleeps', apply: () => 0 } : operation;
}
