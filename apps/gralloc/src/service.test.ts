/** Both ends of the allocator's socket, with an allocator that does nothing: who is served, who is told why not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectUnix, DisposableStack, listenUnix, SystemError } from '@vsoc/native';
import { freshForEachTest, guardLeaks } from '@vsoc/testkit/hooks';
import { decode, encode, openSocket, serveConnections } from '@vsoc/vsoc/wire';
import { expect, test } from 'vitest';
import type { Allocation, AllocationRequest } from './allocator.js';
import { connectAllocator } from './allocator-client.js';
import { allocateAnswer, allocateRequest } from './protocol.js';
import { serveAllocator } from './service.js';

guardLeaks();
const place = freshForEachTest(() => {
  const directory = mkdtempSync(join(tmpdir(), 'gralloc-'));
  return { socket: join(directory, 's'), [Symbol.dispose]: () => rmSync(directory, { recursive: true }) };
});

const request = { widthPx: 1, heightPx: 1, format: 1, usage: 3 };
const full: Allocation = { refused: 'ENOSPC', availableBytes: 4096, text: 'full' };

/** Serves with `allocate`, and keeps what it was asked. */
function serve(allocate: () => Promise<Allocation>) {
  const asked: { request: AllocationRequest; signal: AbortSignal | undefined }[] = [];
  const service = serveAllocator(place.socket, {
    allocate(one, _pid, { signal } = {}) {
      asked.push({ request: one, signal });
      return allocate();
    },
    [Symbol.dispose]() {},
  });
  return { asked, [Symbol.dispose]: () => service[Symbol.dispose]() };
}

const codeOfAnswer = ({ bytes }: { bytes: Uint8Array }) => decode(allocateAnswer, bytes)?.status;

test('what a client asked is taken back the moment that it is gone', async () => {
  using service = serve(() => new Promise(() => {}));
  const socket = openSocket(connectUnix(place.socket, 'seqpacket'), { onMessage() {}, onEnd() {} });
  for (let id = 1; id <= 16; id++) socket.send(encode(allocateRequest, { id, ...request }));
  await expect.poll(() => service.asked.length).toBe(16);
  expect(service.asked.map(({ signal }) => signal?.aborted)).toEqual(Array(16).fill(false));
  socket[Symbol.dispose]();
  await expect.poll(() => service.asked.filter(({ signal }) => signal?.aborted).length).toBe(16);
});

test('the 17th connection of a process is told so, also where it has asked by then, and served once there is room', async () => {
  using _service = serve(async () => full);
  using held = new DisposableStack();
  const clients = Array.from({ length: 16 }, () => held.use(connectAllocator(place.socket)));
  for (const client of clients) expect(codeOfAnswer(await client.ask(request))).toBe(-28);
  using late = connectAllocator(place.socket);
  const refusal = {
    name: 'VsocError',
    code: 'EMFILE',
    op: 'allocate',
    detail: '16 connections of this process are open',
  };
  // The first one is sent before the allocator has seen the connection; each further one connects anew.
  for (let i = 0; i < 40; i++) await expect(late.ask(request)).rejects.toMatchObject(refusal);
  clients[3]?.[Symbol.dispose]();
  await expect.poll(() => late.ask(request).then(codeOfAnswer, ({ code }) => code)).toBe(-28);
});

test('a crowd of connections is closed at once, and leaves nothing', async () => {
  using _service = serve(async () => full);
  using held = new DisposableStack();
  let ended = 0;
  const onEnd = () => void ended++;
  for (let i = 0; i < 100; i++)
    held.use(openSocket(connectUnix(place.socket, 'seqpacket'), { onMessage() {}, onEnd }));
  await expect.poll(() => ended).toBe(84);
});

/** Connections that nobody accepts, until there is no place for one more. */
function fillQueue(): DisposableStack {
  const crowd = new DisposableStack();
  try {
    for (;;) crowd.use(connectUnix(place.socket, 'seqpacket'));
  } catch (error) {
    if (!(error instanceof SystemError && error.code === 'EAGAIN')) throw error;
  }
  return crowd;
}

test('while nobody is accepted requests wait for their connection, sixteen of them, and are answered after it', async () => {
  using listening = listenUnix(place.socket, 'seqpacket', 0o600);
  using crowd = fillQueue();
  using client = connectAllocator(place.socket);
  const answers = Array.from({ length: 16 }, () => client.ask(request));
  await expect(client.ask(request)).rejects.toMatchObject({ code: 'EAGAIN' });
  // Some of those who stand in the queue give up; who comes next is the client.
  crowd[Symbol.dispose]();
  using accepted = new DisposableStack();
  using _accepting = serveConnections(listening, (next) => {
    const connection = accepted.use(
      openSocket(next, {
        onMessage(bytes) {
          const id = decode(allocateRequest, bytes)?.id ?? 0;
          const nothing = { epoch: 0, entry: 0, generation: 0, availableBytes: 0 };
          connection.send(encode(allocateAnswer, { ...nothing, id, status: -28 }));
        },
        onEnd() {},
      }),
    );
  });
  expect((await Promise.all(answers)).map(codeOfAnswer)).toEqual(Array(16).fill(-28));
});

test('requests that wait for a connection end with the client, or with the allocator', async () => {
  const listening = listenUnix(place.socket, 'seqpacket', 0o600);
  using _crowd = fillQueue();
  const client = connectAllocator(place.socket);
  const closed = expect(client.ask(request)).rejects.toMatchObject({ code: 'EBADF' });
  client[Symbol.dispose]();
  await closed;
  using other = connectAllocator(place.socket);
  const refused = expect(other.ask(request)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  listening[Symbol.dispose]();
  await refused;
});
