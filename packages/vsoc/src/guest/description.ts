// An open file description in a guest process: the token that stands for it, and the ioctls on it. Whoever holds the
// token can ask, whoever holds the last one and closes it ends the description and its permission.
import { type AreaView, type OwnedFd, viewArea } from '@vsoc/native';
import type { Values } from '@vsoc/struct';
import { VsocError } from '../errors.js';
import { fdScopedPermission, fdScopedPermissionArg, ioctlNumber, vsocDeviceRegion } from '../layout/index.js';
import type { Claim } from '../permissions/index.js';
import { channelVerb, decode, encode, mapAnswer } from '../wire/index.js';
import { type AreaFile, openAreaFile } from './area-file.js';
import type { Channel, ChannelCall } from './channel.js';
import type { WindowPlace } from './window.js';

/** What DESCRIBE_REGION answers: the header's vsoc_device_region. */
export type RegionRecord = Values<typeof vsocDeviceRegion>;

/** Exactly one of simultaneous compatible claims is granted; the others are contended. */
export type ClaimOutcome = 'granted' | 'contended';

export interface Description extends Disposable {
  /** The token. To share the description send this descriptor; it stays this object's own. */
  readonly token: OwnedFd;
  ioctl(call: Omit<ChannelCall, 'tokens'> & { readonly others?: readonly number[] }): Promise<Uint8Array>;
  /** read, write and lseek. */
  readonly file: AreaFile;
  /** DESCRIBE_REGION, from the copy that the driver validated at its start. */
  describe(): Promise<RegionRecord>;
  /** GET_FD_SCOPED_PERMISSION; undefined where none is attached. */
  permission(): Promise<Claim | undefined>;
  /**
   * CREATE_FD_SCOPED_PERMISSION: this description is of a manager region and attaches a permission to `managed`.
   * Rejects with the driver's errors other than EAGAIN.
   */
  claim(managed: Description, claim: Claim): Promise<ClaimOutcome>;
  /**
   * Opens the managed region anew and claims for that description, in one request; resolves with it. `witness` is any
   * description of the region that this process opened itself (else EPERM): it shows that it may.
   */
  openClaimed(witness: Description, claim: Claim): Promise<Description | 'contended'>;
  /**
   * mmap: shows the area of the attached permission, which the driver tells along with it, as GET does. Rejects with
   * EINVAL without one, EBUSY the second time. The description moves into the lease: disposing either ends both.
   */
  lease(): Promise<Lease>;
}

/** A granted area, readable and writable. Its bytes refuse before the token is closed, so no array ever shows the next owner's data. */
export interface Lease extends Disposable {
  readonly claim: Claim;
  readonly token: OwnedFd;
  /** The area; EBADF once the lease is disposed, ENODEV once it is lost. Arrays made from it have length 0 from then on. */
  readonly bytes: Uint8Array;
  /** Aborted when the guest has crashed: the bytes refuse, since the next guest gives the area to somebody else. */
  readonly lost: AbortSignal;
}

const createOp = 'VSOC_CREATE_FD_SCOPED_PERMISSION';
const closed = (op: string) => new VsocError('EBADF', op, 'the description was closed');

/** Takes ownership of `token`; the window stays the device's. */
export function openDescription(channel: Channel, token: OwnedFd, window: WindowPlace): Description {
  let lease: Lease | undefined;

  /** To be asked in the same turn in which an area is touched: without token or guest it may be the next owner's. */
  function checkOpen(op: string): void {
    if (token.closed || window.fd.closed) throw closed(op);
    channel.lost.throwIfAborted();
  }

  async function create(
    managed: Description,
    claim: Claim,
    call: Pick<ChannelCall, 'request' | 'onToken'>,
  ): Promise<ClaimOutcome> {
    if (managed.token.closed) throw closed(createOp);
    // On the wire the managed fd is the place of its token among the attached ones.
    const bytes = encode(fdScopedPermissionArg, { perm: claim, managedRegionFd: 1 });
    try {
      await description.ioctl({ ...call, op: createOp, bytes, others: [managed.token.fd] });
      return 'granted';
    } catch (error) {
      if (error instanceof VsocError && error.code === 'EAGAIN') return 'contended';
      throw error;
    }
  }

  async function viewPermission(): Promise<Lease> {
    const op = 'map';
    const bytes = await description.ioctl({ request: channelVerb.map, op });
    const answer = decode(mapAnswer, bytes) ?? tooShort(op, bytes);
    checkOpen(op);
    if (lease) throw new VsocError('EBUSY', op, 'the description has its lease');
    const { beginOffset, endOffset } = answer.permission;
    const area = { offsetBytes: answer.windowOffset, lengthBytes: endOffset - beginOffset };
    const view = viewArea(window.buffer, area);
    window.views.add(view);
    lease = openLease(answer.permission, token, view, { lost: channel.lost, views: window.views });
    return lease;
  }

  const description: Description = {
    token,
    get file() {
      return openAreaFile(description, window, checkOpen);
    },
    ioctl: ({ others = [], ...call }) =>
      token.closed
        ? Promise.reject(closed(call.op))
        : channel.call({ ...call, tokens: [token.fd, ...others] }),
    async describe() {
      const op = 'VSOC_DESCRIBE_REGION';
      const bytes = await description.ioctl({ request: ioctlNumber.describeRegion, op });
      return decode(vsocDeviceRegion, bytes) ?? tooShort(op, bytes);
    },
    async permission() {
      const op = 'VSOC_GET_FD_SCOPED_PERMISSION';
      try {
        const bytes = await description.ioctl({ request: ioctlNumber.getFdScopedPermission, op });
        return decode(fdScopedPermission, bytes) ?? tooShort(op, bytes);
      } catch (error) {
        if (error instanceof VsocError && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    claim: (managed, claim) => create(managed, claim, { request: ioctlNumber.createFdScopedPermission }),
    async openClaimed(witness, claim) {
      let fresh: OwnedFd | undefined;
      const onToken = (received: OwnedFd) => {
        fresh?.[Symbol.dispose]();
        fresh = received;
      };
      const outcome = await create(witness, claim, { request: channelVerb.openClaimed, onToken }).catch(
        (error) => {
          fresh?.[Symbol.dispose]();
          throw error;
        },
      );
      if (outcome === 'contended') return outcome;
      if (!fresh) throw new VsocError('EPROTO', createOp, 'the guest driver answered without a token');
      return openDescription(channel, fresh, window);
    },
    lease: viewPermission,
    [Symbol.dispose]() {
      // The view goes first: without the token the area may be the next owner's.
      lease?.[Symbol.dispose]();
      token[Symbol.dispose]();
    },
  };
  return description;
}

function openLease(
  claim: Claim,
  token: OwnedFd,
  view: AreaView,
  { lost, views }: { readonly lost: AbortSignal; readonly views: Set<Disposable> },
): Lease {
  return {
    claim,
    token,
    lost,
    get bytes() {
      if (lost.aborted) throw lost.reason;
      if (view.closed) throw new VsocError('EBADF', 'map', 'the lease was disposed');
      return view.bytes;
    },
    [Symbol.dispose]() {
      views.delete(view);
      try {
        view[Symbol.dispose]();
      } finally {
        token[Symbol.dispose]();
      }
    },
  };
}

function tooShort(op: string, bytes: Uint8Array): never {
  throw new VsocError('EPROTO', op, `the guest driver answered with ${bytes.byteLength} bytes, too few`);
}
