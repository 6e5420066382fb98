// Signals and waits: the header's steps 1 to 6 over words, and the waits that they end.
export { atDeadline } from './deadline.js';
export { type EdgeReceiver, takeEdge } from './edge.js';
export {
  type BlockingSleep,
  createSleepers,
  enterSleeper,
  leaveSleeper,
  sleepOnBoard,
  sleptOn,
} from './sleepers.js';
export { type SlowTimerMode, type SlowTimerSubject, startSlowTimer } from './slow-timer.js';
export {
  acknowledge,
  drain,
  insert,
  isRaised,
  type PostOutcome,
  post,
  type ReceiveOutcome,
  raise,
  receive,
  type SignalTable,
  signalTable,
} from './table.js';
export { createWaiters, type Waiter, type Waiters } from './waiters.js';
