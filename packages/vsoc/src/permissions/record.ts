// The driver's own record of live permissions. It decides before any owner word in shared memory does: what a guest
// scribbles there can spoil its own business, never get an area granted twice.
import { VsocError } from '../errors.js';
import { type RegionLayout, regionFree } from '../layout/index.js';
import { type Claim, checkClaim } from './claim.js';

/** A granted claim. It stays in the record until its area is zeroed and its owner word reads FREE again. */
export interface Permission extends Claim {
  readonly manager: RegionLayout;
  readonly managed: RegionLayout;
}

export interface PermissionRecord {
  /**
   * Grants or throws, in the order: the claim's own errors · EAGAIN compatible with a live permission · EBUSY overlaps
   * one, or names its owner word · EAGAIN the owner word was not FREE.
   */
  grant(claim: Claim, manager: RegionLayout, managed: RegionLayout): Permission;
  /** Frees the owner word; false when it no longer held the owned value. The area is free again all the same. */
  release(permission: Permission): boolean;
  readonly live: ReadonlySet<Permission>;
}

const op = 'VSOC_CREATE_FD_SCOPED_PERMISSION';
const hex = (value: number) => `0x${value.toString(16)}`;

/** `ownerWords` gives the words of a manager region as the driver maps it. */
export function createPermissionRecord(ownerWords: (manager: RegionLayout) => Int32Array): PermissionRecord {
  const live = new Set<Permission>();

  function checkAgainstLive(claim: Claim, manager: RegionLayout, managed: RegionLayout): void {
    const sameArea = (other: Permission) =>
      other.managed === managed &&
      other.beginOffset === claim.beginOffset &&
      other.endOffset === claim.endOffset;
    const sameOwner = (other: Permission) =>
      other.manager === manager && other.ownerOffset === claim.ownerOffset;
    const overlaps = (other: Permission) =>
      other.managed === managed && claim.beginOffset < other.endOffset && other.beginOffset < claim.endOffset;
    let conflict: Permission | undefined;
    for (const other of live) {
      if (sameArea(other) && sameOwner(other)) {
        throw new VsocError('EAGAIN', op, `${describe(other)} has it: another claim won`);
      }
      if (overlaps(other) || sameOwner(other)) conflict ??= other;
    }
    if (conflict)
      throw new VsocError('EBUSY', op, `conflicts with the live permission on ${describe(conflict)}`);
  }

  return {
    live,
    grant(claim, manager, managed) {
      checkClaim(claim, manager, managed);
      checkAgainstLive(claim, manager, managed);
      const words = ownerWords(manager);
      // SYNC POINT buffer-owned (release side). Pairs with whoever checks an owner word before use.
      const seen =
        Atomics.compareExchange(words, claim.ownerOffset >>> 2, regionFree, claim.ownedValue) >>> 0;
      if (seen !== regionFree) {
        throw new VsocError(
          'EAGAIN',
          op,
          `owner word ${hex(claim.ownerOffset)} holds ${hex(seen)}, not FREE`,
        );
      }
      const permission = { ...claim, manager, managed };
      live.add(permission);
      return permission;
    },
    release(permission) {
      if (!live.delete(permission)) return true;
      const words = ownerWords(permission.manager);
      const seen = Atomics.exchange(words, permission.ownerOffset >>> 2, regionFree) >>> 0;
      return seen === permission.ownedValue;
    },
  };
}

function describe(permission: Permission): string {
  const { beginOffset, endOffset, managed } = permission;
  return `area ${hex(beginOffset)}–${hex(endOffset)} of ${managed.name}`;
}
