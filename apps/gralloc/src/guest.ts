// Guest half of gralloc, the client: asks the allocator for buffers, imports what it or another process sends, and
// checks that descriptor, table entry and metadata agree before the first pixel is touched.
import { DisposableStack, type OwnedFd } from '@vsoc/native';
import type { View } from '@vsoc/struct';
import { codeOf, VsocError } from '@vsoc/vsoc';
import type { GuestDevice, Lease } from '@vsoc/vsoc/guest';
import { connectSocket, decode, encode } from '@vsoc/vsoc/wire';
import type { AllocationRequest } from './allocator.js';
import { entryCount, grallocManager } from './layout.js';
import { allocateAnswer, allocateRequest, type BufferReference, outstandingLimit } from './protocol.js';

/** A buffer held by this process: its descriptor and its pixels. Disposing the last holder's frees the area. */
export interface GraphicsBuffer extends Disposable {
  readonly reference: BufferReference;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
  readonly format: number;
  /** Lines of `strideBytes`; throws once the buffer is disposed. */
  readonly bytes: Uint8Array;
  /** To be sent to another process, with `reference`. */
  readonly token: OwnedFd;
}

export type AllocateOutcome =
  | GraphicsBuffer
  | { readonly refused: 'ENOSPC'; readonly largestFreeBytes: number };

export interface Gralloc extends Disposable {
  /** Rejects with EINVAL for a bad request, EAGAIN for one too many at a time, ECONNRESET without an allocator. */
  allocate(request: AllocationRequest): Promise<AllocateOutcome>;
  /** A buffer that another process sent; takes ownership of `token`. Rejects with ESTALE where they do not agree. */
  import(reference: BufferReference, token: OwnedFd): Promise<GraphicsBuffer>;
}

export interface GrallocOptions {
  readonly allocatorSocket: string;
}

export async function openGralloc(device: GuestDevice, options: GrallocOptions): Promise<Gralloc> {
  using stack = new DisposableStack();
  const manager = stack.use(await device.open(grallocManager));
  const waiting = new Map<number, (answer: Uint8Array | Error, fds: OwnedFd[]) => void>();
  let nextId = 1;
  let lost: Error | undefined;

  const socket = connectSocket(options.allocatorSocket, 'seqpacket', {
    onMessage(bytes, fds) {
      const head = decode(allocateAnswer, bytes);
      const waiter = head && waiting.get(head.id);
      if (!waiter) return disposeAll(fds);
      waiting.delete(head.id);
      waiter(bytes, fds);
    },
    onEnd: (error) => lose(error ?? new VsocError('ECONNRESET', 'allocate', 'the allocator is gone')),
  });
  stack.defer(() => {
    socket[Symbol.dispose]();
    lose(new VsocError('EBADF', 'allocate', 'gralloc is closed'));
  });

  function lose(error: Error): void {
    lost = error;
    for (const waiter of waiting.values()) waiter(error, []);
    waiting.clear();
  }

  function ask(request: AllocationRequest): Promise<{ bytes: Uint8Array; fds: OwnedFd[] }> {
    return new Promise((resolve, reject) => {
      if (lost) throw lost;
      if (waiting.size >= outstandingLimit)
        throw new VsocError(
          'EAGAIN',
          'allocate',
          `${outstandingLimit} requests wait for their answers already`,
        );
      const id = nextId++ >>> 0;
      const message = encode(allocateRequest, { id, ...request });
      waiting.set(id, (answer, fds) => {
        if (answer instanceof Error) reject(answer);
        else resolve({ bytes: answer, fds });
      });
      if (socket.send(message)) return;
      waiting.delete(id);
      throw new VsocError('EAGAIN', 'allocate', 'the allocator does not keep up with the requests');
    });
  }

  const owned = stack.move();
  const gralloc: Gralloc = {
    async allocate(request) {
      const { bytes, fds } = await ask(request);
      const answer = decode(allocateAnswer, bytes);
      const [token, ...others] = fds;
      disposeAll(others);
      if (answer?.status === 0 && token) return gralloc.import(answer, token);
      token?.[Symbol.dispose]();
      const code = codeOf(answer?.status ?? 0) ?? 'EPROTO';
      if (code === 'ENOSPC') return { refused: code, largestFreeBytes: answer?.largestFreeBytes ?? 0 };
      throw new VsocError(code, 'allocate', new TextDecoder().decode(bytes.subarray(allocateAnswer.size)));
    },
    async import(reference, token) {
      const { epoch, entry, generation } = reference;
      const description = device.adopt(token);
      try {
        if (epoch !== device.epoch) throw stale(reference, `this is epoch ${device.epoch}`);
        const lease = await description.lease();
        const metadata = checkEntry(manager.data, reference, lease);
        return openBuffer({ epoch, entry, generation }, metadata, lease);
      } catch (error) {
        description[Symbol.dispose]();
        throw error;
      }
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
  return gralloc;
}

type Metadata = Pick<GraphicsBuffer, 'widthPx' | 'heightPx' | 'strideBytes' | 'format'>;
type ManagerData = View<(typeof grallocManager)['data']>;

/** What the entry says, once it agrees with the permission behind the token. Unmaps the lease where it does not. */
function checkEntry(data: ManagerData, reference: BufferReference, lease: Lease): Metadata {
  const refuse = (text: string) => {
    lease[Symbol.dispose]();
    throw stale(reference, text);
  };
  if (reference.entry >= entryCount) refuse(`the table has ${entryCount} entries`);
  const entry = data.entries.at(reference.entry);
  const { beginOffset, endOffset, format, widthPx, heightPx, strideBytes } = entry;
  // SYNC POINT entry-generation (acquire side). Pairs with allocator.ts allocate.
  const generation = entry.generation.load();
  const { claim } = lease;
  if (generation !== reference.generation) refuse(`the entry is at ${generation}`);
  if (claim.ownedValue !== generation) refuse(`the permission is of generation ${claim.ownedValue}`);
  if (claim.ownerOffset !== entry.owner.offset) refuse('the permission has another owner word');
  if (claim.beginOffset !== beginOffset || claim.endOffset !== endOffset)
    refuse('the permission has another area');
  if (strideBytes * heightPx > endOffset - beginOffset) refuse('its lines do not fit its area');
  return { widthPx, heightPx, strideBytes, format };
}

function openBuffer(reference: BufferReference, metadata: Metadata, lease: Lease): GraphicsBuffer {
  return {
    reference,
    ...metadata,
    token: lease.token,
    get bytes() {
      return lease.bytes;
    },
    [Symbol.dispose]: () => lease[Symbol.dispose](),
  };
}

function stale({ epoch, entry, generation }: BufferReference, text: string): VsocError {
  return new VsocError(
    'ESTALE',
    'import',
    `buffer ${entry} (epoch ${epoch}, generation ${generation}): ${text}`,
  );
}

function disposeAll(fds: readonly OwnedFd[]): void {
  for (const fd of fds) fd[Symbol.dispose]();
}
