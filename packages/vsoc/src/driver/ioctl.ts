// The ioctls of the header, one call each, over open descriptions. No sockets here: apps/guest-driver brings requests
// in and takes answers out.
import { VsocError } from '../errors.js';
import {
  fdScopedPermission,
  fdScopedPermissionArg,
  ioctlNumber,
  regionRecord,
  vsocDeviceRegion,
} from '../layout/index.js';
import type { PermissionRecord } from '../permissions/index.js';
import { raise } from '../signalling/index.js';
import { channelVerb } from '../wire/channel-protocol.js';
import { decode, encode } from '../wire/encode.js';
import type { Description } from './description.js';
import { advance, map, seek } from './file.js';
import type { DriverRegion } from './region.js';
import { condWait, condWake, type Finish, type Pending, waitForInterrupt } from './wait.js';

export interface IoctlContext {
  readonly record: PermissionRecord;
  ringHost(regionIndex: number): void;
  /** Steps 4 and 5 for a region, unless a description receives for it. */
  takeEdge(region: DriverRegion): void;
}

export interface IoctlCall {
  readonly description: Description;
  /** An ioctl's number, or a channel verb. */
  readonly request: number;
  /** The argument where it is a plain number (COND_WAKE, advance). */
  readonly argument: number;
  /** The header's argument struct, as the process sent it. */
  readonly bytes: Uint8Array;
  /** CREATE only: what the attached second token stands for, undefined where that is no token of this driver. */
  readonly managed: Description | undefined;
  readonly finish: Finish;
}

const nothing = new Uint8Array(0);

/** Carries out one ioctl: `finish` is called once, now or later; what sleeps is returned. Throws VsocError. */
export function ioctl(context: IoctlContext, call: IoctlCall): Pending | undefined {
  const { description, finish } = call;
  const { region } = description;
  switch (call.request) {
    case ioctlNumber.createFdScopedPermission:
      createPermission(context, description, call);
      break;
    case ioctlNumber.getFdScopedPermission:
      finish(undefined, describePermission(description));
      return undefined;
    case ioctlNumber.maybeSendInterruptToHost:
      if (!raise(region.guestToHost)) {
        throw new VsocError('EBUSY', 'VSOC_MAYBE_SEND_INTERRUPT_TO_HOST', 'an interrupt is posted already');
      }
      context.ringHost(region.layout.index);
      break;
    case ioctlNumber.sendInterruptToHost:
      context.ringHost(region.layout.index);
      break;
    case ioctlNumber.selfInterrupt:
      raise(region.hostToGuest);
      context.takeEdge(region);
      break;
    case ioctlNumber.waitForIncomingInterrupt:
      return waitForInterrupt(description, finish);
    case ioctlNumber.describeRegion:
      finish(undefined, describeRegion(description));
      return undefined;
    case ioctlNumber.condWait:
      return condWait(description, call.bytes, finish);
    case channelVerb.seek:
      finish(undefined, seek(description, call.bytes));
      return undefined;
    case channelVerb.advance:
      finish(undefined, advance(description, call.argument));
      return undefined;
    case channelVerb.map:
      finish(undefined, map(description));
      return undefined;
    case ioctlNumber.condWake:
      condWake(description, call.argument);
      break;
    default:
      throw new VsocError('EINVAL', 'ioctl', `no ioctl has the number 0x${call.request.toString(16)}`);
  }
  finish(undefined, nothing);
  return undefined;
}

function createPermission(context: IoctlContext, description: Description, call: IoctlCall): void {
  const op = 'VSOC_CREATE_FD_SCOPED_PERMISSION';
  const { managed, bytes } = call;
  if (!managed) throw new VsocError('EPERM', op, 'managed_region_fd is no open description of this driver');
  if (managed.permission)
    throw new VsocError('EEXIST', op, 'the managed description has a permission already');
  const manager = description.region.layout;
  const target = managed.region.layout;
  if (target.managedBy === 0 || target.managedBy !== manager.index) {
    throw new VsocError('EPERM', op, `region ${target.name} is not managed by ${manager.name}`);
  }
  const argument = decode(fdScopedPermissionArg, bytes);
  if (!argument) {
    throw new VsocError(
      'EINVAL',
      op,
      `the argument has ${fdScopedPermissionArg.size} bytes, not ${bytes.byteLength}`,
    );
  }
  const claim = argument.perm;
  managed.permission = context.record.grant(claim, manager, target);
  // From here on the position counts from the area's first byte.
  managed.position = Math.max(0, Math.min(managed.position, claim.endOffset) - claim.beginOffset);
}

function describePermission(description: Description): Uint8Array {
  const { permission } = description;
  if (!permission)
    throw new VsocError('ENOENT', 'VSOC_GET_FD_SCOPED_PERMISSION', 'no permission is attached');
  const { beginOffset, endOffset, ownerOffset, ownedValue } = permission;
  return encode(fdScopedPermission, { beginOffset, endOffset, ownerOffset, ownedValue });
}

/** From the copy that was validated at start, never from the live window. */
function describeRegion(description: Description): Uint8Array {
  return encode(vsocDeviceRegion, regionRecord(description.region.layout));
}
