// What every part of the core shares: its error, and guarded memory. The parts have entries of their own.
export type { AbortOptions } from './abort.js';
export { codeOf, type ErrorCode, errnoOf, VsocError } from './errors.js';
export { RegionMemory } from './region-memory.js';
export type { WaitOptions, WaitOutcome } from './wait.js';
