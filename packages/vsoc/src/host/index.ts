// For host halves: connect to the ivshmem server, open regions.

export type { WaitOptions, WaitOutcome } from '../wait.js';
export { connectHost, type HostDevice, type HostOptions } from './device.js';
export type { HostRegion, SignalCounters } from './region.js';
