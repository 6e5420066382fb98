// Exhaustive exploration of small models of the real code.
export { type Doorbell, type Mailbox, openDoorbell, openMailbox } from './descriptors.js';
export { type Exploration, type ExploreOptions, explore, type Violation } from './explore.js';
export { type Futexes, type FutexSleeper, futexes } from './futex.js';
export type { Case, Model, Now, ThreadPlan } from './model.js';
export { type Body, type Operation, perform } from './operation.js';
export { formatExploration, formatViolation } from './report.js';
export { type Cell, Space, select } from './space.js';
export type { Turn } from './state.js';
export { cellOf, sharedWindow, sharedWords, type WordsOptions } from './words.js';
