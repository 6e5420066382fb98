// For guest halves: open the guest's device nodes, share regions with Workers.
export type { Claim } from '../permissions/index.js';
export type { BlockingWaitOptions, BlockingWaitOutcome, WaitOptions, WaitOutcome } from '../wait.js';
export type { AreaFile, SeekOrigin } from './area-file.js';
export type { ClaimOutcome, Description, Lease, RegionRecord } from './description.js';
export { type GuestDevice, type GuestOptions, openGuest } from './device.js';
export type { GuestRegion } from './region.js';
export { attachGuestRegion, type GuestWorkerRegion, type SharedGuestRegion } from './worker-region.js';
