// A client's connection to the allocator: requests go out with an id, answers come back by it. An allocator that died is
// looked for again by the next request: its successor serves the same table.
import type { OwnedFd } from '@vsoc/native';
import { VsocError } from '@vsoc/vsoc';
import { connectSocket, decode, encode, type UnixSocket } from '@vsoc/vsoc/wire';
import type { AllocationRequest } from './allocator.js';
import { allocateAnswer, allocateRequest, outstandingLimit } from './protocol.js';

export interface AllocatorAnswer {
  /** The answer's struct, then its text. */
  readonly bytes: Uint8Array;
  /** The new buffer's; the caller owns it. */
  readonly token: OwnedFd | undefined;
}

export interface AllocatorClient extends Disposable {
  /**
   * Rejects with EAGAIN for one too many at a time, ECONNRESET when the allocator dies, ECONNREFUSED or ENOENT without
   * one.
   */
  ask(request: AllocationRequest): Promise<AllocatorAnswer>;
}

const gone = () => new VsocError('ECONNRESET', 'allocate', 'the allocator is gone');

type Waiter = (outcome: AllocatorAnswer | Error) => void;

/** Throws ENOENT or ECONNREFUSED where no allocator serves. */
export function connectAllocator(path: string): AllocatorClient {
  const waiting = new Map<number, Waiter>();
  let nextId = 1;
  let closed = false;
  let connection: UnixSocket | undefined = connect();

  function connect(): UnixSocket {
    const socket = connectSocket(path, 'seqpacket', {
      onMessage(bytes, [token, ...others]) {
        for (const other of others) other[Symbol.dispose]();
        const id = decode(allocateAnswer, bytes)?.id;
        const waiter = id === undefined ? undefined : waiting.get(id);
        if (id === undefined || !waiter) return token?.[Symbol.dispose]();
        waiting.delete(id);
        waiter({ bytes, token });
      },
      onEnd(error) {
        connection = undefined;
        lose(error ?? gone());
      },
    });
    return socket;
  }

  function lose(error: Error): void {
    for (const waiter of waiting.values()) waiter(error);
    waiting.clear();
  }

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (closed) throw new VsocError('EBADF', 'allocate', 'gralloc is closed');
        if (waiting.size >= outstandingLimit) {
          const text = `${outstandingLimit} requests wait for their answers already`;
          throw new VsocError('EAGAIN', 'allocate', text);
        }
        const id = nextId++ >>> 0;
        const message = encode(allocateRequest, { id, ...request });
        connection ??= connect();
        waiting.set(id, (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)));
        if (connection.send(message)) return;
        // So few short messages always fit into a socket: it died a moment ago, or has not accepted us yet.
        waiting.delete(id);
        throw gone();
      }),
    [Symbol.dispose]() {
      closed = true;
      connection?.[Symbol.dispose]();
      lose(new VsocError('EBADF', 'allocate', 'gralloc is closed'));
    },
  };
}
