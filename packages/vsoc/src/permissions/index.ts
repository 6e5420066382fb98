// fd-scoped permissions: what may be claimed, and who holds what.
export { type Claim, checkClaim } from './claim.js';
export { createPermissionRecord, type Permission, type PermissionRecord } from './record.js';
