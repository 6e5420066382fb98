// What a claim must satisfy before the owner word is even looked at: the errors of CREATE_FD_SCOPED_PERMISSION that
// follow from the claim and the two regions alone, in the order in which they are checked.
import { VsocError } from '../errors.js';
import { pageBytes, type RegionLayout, regionFree } from '../layout/index.js';

/** The header's fd_scoped_permission: offsets of the area in the managed region, of the owner word in the manager. */
export interface Claim {
  readonly beginOffset: number;
  readonly endOffset: number;
  readonly ownerOffset: number;
  readonly ownedValue: number;
}

const op = 'VSOC_CREATE_FD_SCOPED_PERMISSION';
const hex = (value: number) => `0x${value.toString(16)}`;

/** Throws EINVAL or ERANGE, first rule first. */
export function checkClaim(claim: Claim, manager: RegionLayout, managed: RegionLayout): void {
  const { beginOffset: begin, endOffset: end, ownerOffset, ownedValue } = claim;
  const managedBytes = managed.endOffset - managed.beginOffset;
  const managerBytes = manager.endOffset - manager.beginOffset;
  const area = `area ${hex(begin)}–${hex(end)} of ${managed.name}`;
  const owner = `owner word ${hex(ownerOffset)} of ${manager.name}`;
  const refuse = (code: 'EINVAL' | 'ERANGE', text: string) => {
    throw new VsocError(code, op, text);
  };
  if (begin >= end) refuse('EINVAL', `${area}: begin must lie before end`);
  if (end > managedBytes) refuse('ERANGE', `${area}: ends past the region's ${hex(managedBytes)} bytes`);
  if (begin < managed.dataOffset)
    refuse('ERANGE', `${area}: begins before its data at ${hex(managed.dataOffset)}`);
  if (begin % pageBytes !== 0 || end % pageBytes !== 0)
    refuse('EINVAL', `${area}: not on pages of ${hex(pageBytes)}`);
  if (ownerOffset % 4 !== 0) refuse('EINVAL', `${owner}: not 4-aligned`);
  if (ownerOffset + 4 > managerBytes)
    refuse('ERANGE', `${owner}: ends past the region's ${hex(managerBytes)} bytes`);
  if (ownerOffset < manager.dataOffset)
    refuse('EINVAL', `${owner}: before its data at ${hex(manager.dataOffset)}`);
  if (ownedValue === regionFree) refuse('EINVAL', `${owner}: owned_value is VSOC_REGION_FREE`);
}
