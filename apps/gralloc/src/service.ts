// The allocator's socket: one seqpacket connection a client, requests carried out one after the other.
import type { OwnedFd } from '@vsoc/native';
import { errnoOf, VsocError } from '@vsoc/vsoc';
import { decode, encode, listenAt, openSocket, type UnixSocket } from '@vsoc/vsoc/wire';
import type { Allocation, Allocator } from './allocator.js';
import { allocateAnswer, allocateRequest } from './protocol.js';

/** Requests of one client that may wait for their turn; a client that sends more is closed. */
const backlogLimit = 16;

export function serveAllocator(path: string, allocator: Allocator): Disposable {
  const clients = new Set<UnixSocket>();
  // The tail of the queue: allocations read and write one table, so they never overlap.
  let last: Promise<unknown> = Promise.resolve();

  function accept(connection: OwnedFd): void {
    let waiting = 0;
    const close = () => {
      clients.delete(client);
      client[Symbol.dispose]();
    };
    const client = openSocket(connection, {
      onMessage(bytes, fds) {
        for (const fd of fds) fd[Symbol.dispose]();
        const request = decode(allocateRequest, bytes);
        if (!request || ++waiting > backlogLimit) {
          close();
          return;
        }
        last = last.then(async () => {
          waiting--;
          if (clients.has(client) && !(await answer(client, allocator, request))) close();
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
  let allocation: Allocation;
  try {
    allocation = await allocator.allocate(request);
  } catch (error) {
    if (!(error instanceof VsocError)) throw error;
    return refuse(error.code, error.detail);
  }
  if ('refused' in allocation)
    return refuse(allocation.refused, allocation.text, allocation.largestFreeBytes);
  // The allocator's copy ends with this scope; the message holds the client's.
  using description = allocation.description;
  const values = { ...nothing, ...allocation.reference, id: request.id, status: 0 };
  return client.send(encode(allocateAnswer, values), [description.token.fd]);
}
