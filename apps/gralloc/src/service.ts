// The allocator's socket: one seqpacket connection a client, requests carried out one after the other.
import { type OwnedFd, peerCredentials, SystemError } from '@vsoc/native';
import { type ErrorCode, errnoOf, VsocError } from '@vsoc/vsoc';
import {
  type Client,
  decode,
  encode,
  listenAt,
  openSocket,
  openTurns,
  type UnixSocket,
} from '@vsoc/vsoc/wire';
import type { Allocation, Allocator } from './allocator.js';
import { allocateAnswer, allocateRequest, outstandingLimit } from './protocol.js';

/** Connections at a time, of all processes and of one: more are closed at once. */
const connectionLimit = 256;
const connectionLimitOfProcess = 16;

/** Throws EADDRINUSE where another allocator serves already: only one may write the table. */
export function serveAllocator(path: string, allocator: Allocator): Disposable {
  /** With the process that each one comes from. */
  const clients = new Map<UnixSocket, number>();
  // The tail of the queue: allocations read and write one table, so they never overlap.
  let last: Promise<unknown> = Promise.resolve();

  function accept(connection: OwnedFd, turnsOfProcess: Client): void {
    // Budgets are a process's, so that a second connection is no second budget.
    const { pid } = peerCredentials(connection.fd);
    const ofProcess = [...clients.values()].filter((other) => other === pid).length;
    if (clients.size >= connectionLimit || ofProcess >= connectionLimitOfProcess) {
      connection[Symbol.dispose]();
      return;
    }
    let waiting = 0;
    const close = () => {
      clients.delete(client);
      client[Symbol.dispose]();
    };
    const onMessage = (bytes: Uint8Array, fds: readonly OwnedFd[]) => {
      for (const fd of fds) fd[Symbol.dispose]();
      const request = decode(allocateRequest, bytes);
      if (!request || ++waiting > outstandingLimit) {
        close();
        return;
      }
      last = last.then(async () => {
        if (!clients.has(client)) return;
        if (!(await answer(client, allocator.allocate(request, pid), request.id))) close();
        waiting--;
      });
    };
    const client = openSocket(connection, { onMessage, onEnd: close }, turnsOfProcess);
    clients.set(client, pid);
  }

  const listener = listenAt(path, { type: 'seqpacket', mode: 0o666, turns: openTurns() }, accept);
  return {
    [Symbol.dispose]() {
      listener[Symbol.dispose]();
      for (const client of clients.keys()) client[Symbol.dispose]();
      clients.clear();
    },
  };
}

/** False when the client does not take its answer: then the buffer is free again, since its token ends here. */
async function answer(client: UnixSocket, allocating: Promise<Allocation>, id: number): Promise<boolean> {
  const nothing = { id, epoch: 0, entry: 0, generation: 0, availableBytes: 0 };
  const refuse = (code: ErrorCode, text: string, availableBytes = 0) => {
    const values = { ...nothing, status: -errnoOf(code), availableBytes };
    return client.send(encode(allocateAnswer, values, new TextEncoder().encode(text)));
  };
  try {
    const allocation = await allocating;
    if ('refused' in allocation)
      return refuse(allocation.refused, allocation.text, allocation.availableBytes);
    // The allocator's copy ends with this scope; the message holds the client's.
    using description = allocation.description;
    const values = { ...nothing, ...allocation.reference, status: 0 };
    return client.send(encode(allocateAnswer, values), [description.token.fd]);
  } catch (error) {
    if (error instanceof VsocError) return refuse(error.code, error.detail);
    // No descriptor left, or too many tokens in flight: this client's loss alone.
    if (error instanceof SystemError) return false;
    throw error;
  }
}
