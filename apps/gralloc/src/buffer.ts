// A buffer in the hands of a guest process: its descriptor, its bytes, its fences. What it says of itself was checked
// when it was imported; whether its bytes may be touched its usage says.
import { duplicateFd, type OwnedFd } from '@vsoc/native';
import { type AbortOptions, VsocError } from '@vsoc/vsoc';
import type { GuestRegion, Lease } from '@vsoc/vsoc/guest';
import { type Fence, openFence } from './fence.js';
import { type BufferShape, type Plane, type PlaneShape, planesOf } from './formats.js';
import type { grallocManager } from './layout.js';
import { type BufferReference, nameOf } from './protocol.js';
import { isForCpu } from './usage.js';

/** A buffer held by this process. Disposing the last holder's frees the area; arrays made from it have length 0 then. */
export interface GraphicsBuffer extends Disposable {
  readonly reference: BufferReference;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Of the first plane. */
  readonly strideBytes: number;
  readonly format: number;
  readonly usage: number;
  /** Where its planes lie, whether or not this process may touch them. */
  readonly layout: readonly PlaneShape[];
  /** Of all planes. */
  readonly sizeBytes: number;
  /** Of whole pages: the planes, and padding behind them. */
  readonly areaBytes: number;
  /** The whole area. Throws EACCES without CPU usage, EBADF once disposed, ENODEV after `lost`. */
  readonly bytes: Uint8Array;
  /** Y, Cr and Cb, or the one plane of a packed format; throws as `bytes` does. */
  readonly planes: readonly Plane[];
  /** Advanced by who draws: a picture is finished. */
  readonly acquire: Fence;
  /** Advanced by who looks: a picture is done with. */
  readonly release: Fence;
  /** Stands for the buffer, to be sent with `reference`: Gralloc.send does both. Stays this object's own. */
  readonly token: OwnedFd;
  /** Aborted when the guest has crashed: the memory is another guest's now. */
  readonly lost: AbortSignal;
  /** Another holder in this process, with arrays of its own: the buffer lives until both are disposed. */
  duplicate(options?: AbortOptions): Promise<GraphicsBuffer>;
}

/** What the table says, once it agrees with the permission behind the token. */
export interface Metadata {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly format: number;
  readonly usage: number;
  readonly shape: BufferShape;
}

export interface BufferParts {
  readonly reference: BufferReference;
  readonly metadata: Metadata;
  readonly manager: GuestRegion<typeof grallocManager>;
  /** Imports another descriptor of the same buffer. */
  readonly importAgain: (token: OwnedFd, options?: AbortOptions) => Promise<GraphicsBuffer>;
}

/** Takes ownership of the lease. */
export function openBuffer(
  lease: Lease,
  { reference, metadata, manager, importAgain }: BufferParts,
): GraphicsBuffer {
  const { shape, ...plain } = metadata;
  const { beginOffset, endOffset } = lease.claim;
  const entry = manager.data.entries.at(reference.entry);
  let isHeld = true;
  // Made by the first wait: most buffers never have one, and a signal costs more than the rest of this object.
  let lettingGo: AbortController | undefined;
  const holder = {
    isCurrent: () => isHeld && !lease.lost.aborted,
    get letGo() {
      lettingGo ??= new AbortController();
      return lettingGo.signal;
    },
  };

  function checkedBytes(): Uint8Array {
    if (!isForCpu(plain.usage))
      throw new VsocError('EACCES', 'map', `${nameOf(reference)} was allocated without usage by the CPU`);
    return lease.bytes;
  }

  return {
    reference,
    ...plain,
    strideBytes: shape.strideBytes,
    layout: shape.planes,
    sizeBytes: shape.sizeBytes,
    areaBytes: endOffset - beginOffset,
    token: lease.token,
    lost: lease.lost,
    get bytes() {
      return checkedBytes();
    },
    get planes() {
      return planesOf(shape, checkedBytes());
    },
    acquire: openFence(manager, entry.acquire, holder),
    release: openFence(manager, entry.release, holder),
    duplicate: async (options) => importAgain(duplicateFd(lease.token.fd), options),
    [Symbol.dispose]() {
      isHeld = false;
      lettingGo?.abort();
      lease[Symbol.dispose]();
    },
  };
}
