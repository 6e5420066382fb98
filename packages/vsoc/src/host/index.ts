// For host halves: connect to the ivshmem server, open regions, share them with Workers.

export type { SlowTimerMode } from '../signalling/index.js';
export type { BlockingWaitOptions, BlockingWaitOutcome, WaitOptions, WaitOutcome } from '../wait.js';
export { connectHost, type HostDevice, type HostOptions } from './device.js';
export type { HostRegion, SignalCounters } from './region.js';
export { attachHostRegion, type HostWorkerRegion, type SharedHostRegion } from './worker-region.js';
