// A client's connection to the allocator: requests go out with an id, answers come back by it. An allocator that died is
// looked for again by the next request: its successor serves the same table.
import type { OwnedFd } from '@vsoc/native';
import { codeOf, VsocError } from '@vsoc/vsoc';
import { connectSocket, decode, encode, type UnixSocket } from '@vsoc/vsoc/wire';
import type { AllocationRequest } from './allocator.js';
import { aboutConnection, allocateAnswer, allocateRequest, outstandingLimit } from './protocol.js';

export interface AllocatorAnswer {
  /** The answer's struct, then its text. */
  readonly bytes: Uint8Array;
  /** The new buffer's; the caller owns it. */
  readonly token: OwnedFd | undefined;
}

export interface AllocatorClient extends Disposable {
  /**
   * Rejects with EAGAIN for one too many at a time, or when the allocator accepts nobody for 5 s, ECONNRESET when it dies,
   * ECONNREFUSED or ENOENT without one, EMFILE or ENFILE where it refuses one more connection.
   */
  ask(request: AllocationRequest): Promise<AllocatorAnswer>;
}

const gone = () => new VsocError('ECONNRESET', 'allocate', 'the allocator is gone');

/** What the allocator says instead of taking a connection. */
function turnedAway(status: number, bytes: Uint8Array): VsocError {
  const text = new TextDecoder().decode(bytes.subarray(allocateAnswer.size));
  return new VsocError(codeOf(status) ?? 'EPROTO', 'allocate', text);
}

type Waiter = (outcome: AllocatorAnswer | Error) => void;

/** Between two tries of a connection that takes nothing: it does not say when it stands. */
const sendAgainMs = 1;

/** Throws ENOENT or ECONNREFUSED where no allocator serves. */
export function connectAllocator(path: string): AllocatorClient {
  const waiting = new Map<number, Waiter>();
  /** Requests that are held until the connection stands. A connection that stands takes so few short messages always. */
  let held: Uint8Array[] = [];
  let sending: NodeJS.Timeout | undefined;
  let nextId = aboutConnection + 1;
  let closed = false;
  let connection: UnixSocket | undefined = connect();

  function connect(): UnixSocket {
    return connectSocket(path, 'seqpacket', {
      onMessage(bytes, [token, ...others]) {
        for (const other of others) other[Symbol.dispose]();
        const answer = decode(allocateAnswer, bytes);
        const waiter = answer && waiting.get(answer.id);
        if (answer && waiter) {
          waiting.delete(answer.id);
          waiter({ bytes, token });
          return;
        }
        token?.[Symbol.dispose]();
        if (answer?.id === aboutConnection) lose(turnedAway(answer.status, bytes));
      },
      onEnd: (error) => lose(error ?? gone()),
    });
  }

  function lose(error: Error): void {
    connection?.[Symbol.dispose]();
    connection = undefined;
    clearTimeout(sending);
    held = [];
    const waiters = [...waiting.values()];
    waiting.clear();
    for (const waiter of waiters) waiter(error);
  }

  /** Until all are sent, or the connection's end is heard of. */
  function sendHeld(): void {
    clearTimeout(sending);
    while (held[0] && connection?.send(held[0])) held.shift();
    if (held.length > 0) sending = setTimeout(sendHeld, sendAgainMs);
  }

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (closed) throw new VsocError('EBADF', 'allocate', 'gralloc is closed');
        if (waiting.size >= outstandingLimit) {
          const text = `${outstandingLimit} requests wait for their answers already`;
          throw new VsocError('EAGAIN', 'allocate', text);
        }
        const id = nextId;
        const message = encode(allocateRequest, { id, ...request });
        connection ??= connect();
        nextId = (nextId + 1) >>> 0 || aboutConnection + 1;
        waiting.set(id, (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)));
        held.push(message);
        sendHeld();
      }),
    [Symbol.dispose]() {
      closed = true;
      lose(new VsocError('EBADF', 'allocate', 'gralloc is closed'));
    },
  };
}
