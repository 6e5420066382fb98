// For guest halves: open the guest's device nodes.

export type { WaitOptions, WaitOutcome } from '../wait.js';
export type { ClaimOutcome, Description, Lease, RegionRecord } from './description.js';
export { type GuestDevice, type GuestOptions, openGuest } from './device.js';
export type { GuestRegion } from './region.js';
