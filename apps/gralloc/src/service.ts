// The allocator's socket: one seqpacket connection a client, requests carried out one after the other.
import { type OwnedFd, SystemError } from '@vsoc/native';
import { errnoOf, VsocError } from '@vsoc/vsoc';
import { decode, encode, listenAt, openSocket, type UnixSocket } from '@vsoc/vsoc/wire';
import type { Allocator } from './allocator.js';
import { allocateAnswer, allocateRequest, outstandingLimit } from './protocol.js';

/** More connections than this are closed at once: their descriptors are all that a stranger can use up here. */
const clientLimit = 256;

/** Throws EADDRINUSE where another allocator serves already: only one may write the table. */
export function serveAllocator(path: string, allocator: Allocator): Disposable {
  const clients = new Set<UnixSocket>();
  // The tail of the queue: allocations read and write one table, so they never overlap.
  let last: Promise<unknown> = Promise.resolve();

  function accept(connection: OwnedFd): void {
    if (clients.size >= clientLimit) {
      connection[Symbol.dispose]();
      return;
    }
    let waiting = 0;
    const close = () => {
      clients.delete(client);
      client[Symbol.dispose]();
    };
    const client = openSocket(connection, {
      onMessage(bytes, fds) {
        for (const fd of fds) fd[Symbol.dispose]();
        const request = decode(allocateRequest, bytes);
        if (!request || ++waiting > outstandingLimit) {
          close();
          return;
        }
        last = last.then(async () => {
          if (clients.has(client) && !(await answer(client, allocator, request))) close();
          waiting--;
        });
      },
      onEnd: close,
    });
    clients.add(client);
  }

  const listener = listenAt(path, { type: 'seqpacket', mode: 0o666 }, accept);
  return {
    [Symbol.dispose]() {
      listener[Symbol.dispose]();
      for (const client of clients) client[Symbol.dispose]();
      clients.clear();
    },
  };
}

/** False when the client does not take its answer: then the buffer is free again, since its token ends here. */
async function answer(
  client: UnixSocket,
  allocator: Allocator,
  request: { id: number; widthPx: number; heightPx: number; format: number; usage: number },
): Promise<boolean> {
  const nothing = { epoch: 0, entry: 0, generation: 0, largestFreeBytes: 0 };
  const refuse = (code: 'ENOSPC' | VsocError['code'], text: string, largestFreeBytes = 0) => {
    const values = { ...nothing, id: request.id, status: -errnoOf(code), largestFreeBytes };
    return client.send(encode(allocateAnswer, values, new TextEncoder().encode(text)));
  };
  try {
    const allocation = await allocator.allocate(request);
    if ('refused' in allocation)
      return refuse(allocation.refused, allocation.text, allocation.largestFreeBytes);
    // The allocator's copy ends with this scope; the message holds the client's.
    using description = allocation.description;
    const values = { ...nothing, ...allocation.reference, id: request.id, status: 0 };
    return client.send(encode(allocateAnswer, values), [description.token.fd]);
  } catch (error) {
    if (error instanceof VsocError) return refuse(error.code, error.detail);
    // No descriptor left, or too many tokens in flight: this client's loss alone.
    if (error instanceof SystemError) return false;
    throw error;
  }
}
