// Guest half of gralloc, the client: asks the allocator for buffers, imports what it or another process sends, and
// checks that descriptor, table entry and metadata agree before the first pixel is touched.
import { DisposableStack, type OwnedFd } from '@vsoc/native';
import { type AbortOptions, codeOf, VsocError } from '@vsoc/vsoc';
import type { GuestDevice, Lease } from '@vsoc/vsoc/guest';
import { hex } from '@vsoc/vsoc/layout';
import { decode, encode, type UnixSocket } from '@vsoc/vsoc/wire';
import { orAborted } from './abandon.js';
import type { AllocationRequest } from './allocator.js';
import { connectAllocator } from './allocator-client.js';
import { type GraphicsBuffer, type Metadata, openBuffer } from './buffer.js';
import { shapeOfRow } from './formats.js';
import { entryCount, grallocManager, isEntry } from './layout.js';
import { allocateAnswer, type BufferReference, nameOf, sentBuffer } from './protocol.js';
import type { ManagerData } from './table.js';

export type { AllocationRequest } from './allocator.js';
export type { GraphicsBuffer } from './buffer.js';

export type AllocateOutcome =
  | GraphicsBuffer
  /** No free run is large enough, or no entry is free (0). */
  | { readonly refused: 'ENOSPC'; readonly largestFreeBytes: number }
  /** This process has had its share; what it frees, it gets back. */
  | { readonly refused: 'EDQUOT'; readonly remainingBytes: number };

export interface Gralloc extends Disposable {
  /**
   * Rejects with EINVAL for a bad request, RangeError for a number that is no u32, EAGAIN for one too many at a time or
   * after 5 s before a full queue, ECONNRESET when the allocator dies meanwhile, ECONNREFUSED or ENOENT without one (ask
   * again), EMFILE or ENFILE where this process or all have as many connections or descriptions as they may, ESTALE where somebody scribbled over the entry, ENODEV once the guest has
   * crashed. An abort ends the wait alone: the request counts as one under way until it is answered, and what the answer
   * brings is freed at once.
   */
  allocate(request: AllocationRequest, options?: AbortOptions): Promise<AllocateOutcome>;
  /** A buffer that another process sent; takes ownership of `token`. Rejects with ESTALE where they do not agree. */
  import(reference: BufferReference, token: OwnedFd, options?: AbortOptions): Promise<GraphicsBuffer>;
  /** Sends a buffer to another guest process, whose receive takes it; this process keeps its own hold. False: not taken. */
  send(socket: UnixSocket, buffer: GraphicsBuffer): boolean;
  /** What `send` of another process sent; takes ownership of `fds`. Rejects as import does, and with EPROTO. */
  receive(message: Uint8Array, fds: readonly OwnedFd[], options?: AbortOptions): Promise<GraphicsBuffer>;
}

export interface GrallocOptions extends AbortOptions {
  readonly allocatorSocket: string;
}

export async function openGralloc(device: GuestDevice, options: GrallocOptions): Promise<Gralloc> {
  using stack = new DisposableStack();
  const manager = stack.use(await device.open(grallocManager, options));
  const allocator = stack.use(connectAllocator(options.allocatorSocket));

  async function importBuffer(
    said: BufferReference,
    token: OwnedFd,
    { signal }: AbortOptions = {},
  ): Promise<GraphicsBuffer> {
    const { epoch, entry, generation } = said;
    const reference = { epoch, entry, generation };
    using scope = new DisposableStack();
    const description = scope.use(device.adopt(token));
    if (epoch !== device.epoch) throw stale(reference, `this is epoch ${device.epoch}`);
    signal?.throwIfAborted();
    const lease = await orAborted(description.lease(), signal, (late) => late[Symbol.dispose]());
    const metadata = checkEntry(manager.data, reference, lease);
    const buffer = openBuffer(lease, {
      reference,
      metadata,
      manager,
      importAgain: (other, again) => importBuffer(reference, other, again),
    });
    scope.move();
    return buffer;
  }

  const owned = stack.move();
  return {
    async allocate(request, abortOptions = {}) {
      const { signal } = abortOptions;
      device.lost.throwIfAborted();
      signal?.throwIfAborted();
      const asking = allocator.ask(request);
      const { bytes, token } = await orAborted(asking, signal, (late) => late.token?.[Symbol.dispose]());
      const answer = decode(allocateAnswer, bytes);
      if (answer?.status === 0 && token) return importBuffer(answer, token, abortOptions);
      token?.[Symbol.dispose]();
      const code = codeOf(answer?.status ?? 0) ?? 'EPROTO';
      const availableBytes = answer?.availableBytes ?? 0;
      if (code === 'ENOSPC') return { refused: code, largestFreeBytes: availableBytes };
      if (code === 'EDQUOT') return { refused: code, remainingBytes: availableBytes };
      throw new VsocError(code, 'allocate', new TextDecoder().decode(bytes.subarray(allocateAnswer.size)));
    },
    import: importBuffer,
    send: (socket, { reference, token }) => socket.send(encode(sentBuffer, reference), [token.fd]),
    async receive(message, [token, ...others], abortOptions) {
      using scope = new DisposableStack();
      for (const fd of others) scope.use(fd);
      const reference = decode(sentBuffer, message);
      if (reference && token && others.length === 0) return importBuffer(reference, token, abortOptions);
      if (token) scope.use(token);
      const seen = `${message.byteLength} bytes with ${others.length + (token ? 1 : 0)} descriptors`;
      throw new VsocError(
        'EPROTO',
        'receive',
        `expected at least ${sentBuffer.size} bytes with one descriptor, saw ${seen}`,
      );
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

/** What the entry says, once it agrees with the permission behind the token. */
function checkEntry(data: ManagerData, reference: BufferReference, { claim }: Lease): Metadata {
  if (!isEntry(reference.entry)) throw stale(reference, `the table has ${entryCount} entries`);
  const entry = data.entries.at(reference.entry);
  // SYNC POINT entry-generation (acquire side). Pairs with table.ts enter. What is read behind it stays: the entry is
  // not free while this process holds the token.
  const generation = entry.generation.load();
  const { beginOffset, endOffset, format, widthPx, heightPx, strideBytes, usage } = entry;
  const refuse = (text: string) => stale(reference, text);
  if (generation !== reference.generation) throw refuse(`the entry is at ${generation}`);
  if (claim.ownedValue !== generation) throw refuse(`the permission is of generation ${claim.ownedValue}`);
  const ownerOffset = entry.owner.offset;
  if (claim.ownerOffset !== ownerOffset)
    throw refuse(
      `the permission has the owner word at ${hex(claim.ownerOffset)}, the entry at ${hex(ownerOffset)}`,
    );
  if (claim.beginOffset !== beginOffset || claim.endOffset !== endOffset) {
    const areas = [claim, { beginOffset, endOffset }].map(
      (area) => `${hex(area.beginOffset)}–${hex(area.endOffset)}`,
    );
    throw refuse(`the permission has the area ${areas[0]}, the entry ${areas[1]}`);
  }
  const areaBytes = endOffset - beginOffset;
  const shape = shapeOfRow({ format, widthPx, heightPx, strideBytes }, areaBytes);
  if (!shape) {
    const picture = `format ${hex(format)}, ${widthPx}×${heightPx} px, lines of ${hex(strideBytes)} B`;
    throw refuse(`${picture} and an area of ${hex(areaBytes)} B do not agree`);
  }
  return { widthPx, heightPx, format, usage, shape };
}

function stale(reference: BufferReference, text: string): VsocError {
  return new VsocError('ESTALE', 'import', `${nameOf(reference)} (epoch ${reference.epoch}): ${text}`);
}
