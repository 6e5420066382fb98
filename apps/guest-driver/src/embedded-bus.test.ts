// The embedded bus against servers that are wrong, silent or gone: it ends with what it saw, and keeps no descriptor.
import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventfd, createSealedMemfd, DisposableStack, liveResources, OwnedFd } from '@vsoc/native';
import { formatWindow, pageBytes, planWindow } from '@vsoc/vsoc/layout';
import { encodeIvshmem, listenAt, openSocket, type UnixSocket } from '@vsoc/vsoc/wire';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connectEmbeddedBus } from './embedded-bus.js';
import { regions } from './testing/regions.js';

const layout = planWindow(regions);
/** What the server sends: a number, maybe with a descriptor. */
type Message = readonly [bigint, OwnedFd?];

let liveBefore: number;
let stack: DisposableStack;
let path: string;
let client: UnixSocket | undefined;

beforeEach(() => {
  liveBefore = liveResources().length;
  stack = new DisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'vsoc-bus-'));
  stack.defer(() => rmSync(directory, { recursive: true }));
  path = join(directory, 'qemu.sock');
});
afterEach(() => {
  vi.useRealTimers();
  stack[Symbol.dispose]();
  expect(liveResources()).toHaveLength(liveBefore);
});

function serve(messages: readonly Message[], onSent: (client: UnixSocket) => void = () => {}): void {
  const listener = listenAt(path, { type: 'stream', mode: 0o600 }, (connection) => {
    client = stack.use(openSocket(connection, { onMessage() {}, onEnd() {} }));
    for (const [number, fd] of messages) client.send(encodeIvshmem(number), fd ? [fd.fd] : []);
    onSent(client);
  });
  stack.use(listener);
}

function memfd(): OwnedFd {
  const fd = stack.use(createSealedMemfd('bus-test', layout.sizeBytes));
  const firstPage = new Uint8Array(pageBytes);
  formatWindow(layout, firstPage);
  writeSync(fd.fd, firstPage, 0, pageBytes, 0);
  return fd;
}

const doorbell = () => stack.use(createEventfd());
const opening = (): Message[] => [[0n], [1n], [-1n, memfd()]];
const peer = (id: bigint): Message[] => regions.map(() => [id, doorbell()]);
const whole = (): Message[] => [...opening(), ...peer(0n), ...peer(1n)];
const hangUp = (socket: UnixSocket) => socket[Symbol.dispose]();

test('takes window, layout and doorbells from a server that does as QEMU’s does', async () => {
  serve(whole());
  using bus = await connectEmbeddedBus(path);
  expect(bus).toMatchObject({ kind: 'embedded', windowOffsetBytes: 0, layout });
  expect([bus.hostDoorbells.length, bus.vectors.length]).toEqual([regions.length, regions.length]);
});

describe('rejects', () => {
  test.each<[string, () => readonly Message[], string, string]>([
    ['a refusal', () => [[-1n]], 'EBUSY', 'another guest is connected'],
    ['another version', () => [[1n]], 'EPROTO', 'protocol version to be 0, the server sent 1'],
    ['another id', () => [[0n], [5n]], 'EPROTO', "the guest's id to be 1, the server sent 5"],
    ['a doorbell before the window', () => [[0n], [1n], [0n, doorbell()]], 'EPROTO', 'marker of the window'],
    ['a window without its descriptor', () => [[0n], [1n], [-1n]], 'EPROTO', 'without its descriptor'],
    [
      'a doorbell too few',
      () => [...opening(), ...peer(0n).slice(1), ...peer(1n)],
      'EPROTO',
      'doorbell 3 of peer 0',
    ],
    [
      'doorbells in the other order',
      () => [...opening(), ...peer(1n), ...peer(0n)],
      'EPROTO',
      'doorbell 0 of peer 0',
    ],
    [
      'a doorbell without its descriptor',
      () => [...opening(), ...peer(0n), ...peer(1n).slice(1), [1n]],
      'EPROTO',
      'without its descriptor',
    ],
  ])('%s', async (_what, messages, code, text) => {
    serve(messages());
    const message = expect.stringContaining(text);
    await expect(connectEmbeddedBus(path)).rejects.toMatchObject({ code, message });
  });

  test('a window that is not sealed: it could be pulled away', async () => {
    const file = stack.use(OwnedFd.own(openSync('/dev/zero', 'r'), 'not sealed'));
    serve([[0n], [1n], [-1n, file]]);
    await expect(connectEmbeddedBus(path)).rejects.toMatchObject({ code: 'EINVAL' });
  });

  test('a window whose first page is no layout', async () => {
    serve([[0n], [1n], [-1n, stack.use(createSealedMemfd('blank', layout.sizeBytes))]]);
    await expect(connectEmbeddedBus(path)).rejects.toThrow(/major/);
  });

  test.each([0, 2, 5])('a server that hangs up after %i messages', async (count) => {
    serve(whole().slice(0, count), hangUp);
    await expect(connectEmbeddedBus(path)).rejects.toMatchObject({ code: 'ENODEV' });
  });

  test('a server that goes on for ever', async () => {
    serve(Array.from({ length: 600 }, (): Message => [0n]));
    await expect(connectEmbeddedBus(path)).rejects.toMatchObject({ code: 'EPROTO' });
  });

  test('a silent server after five seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    serve([[0n]]);
    const rejected = expect(connectEmbeddedBus(path)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    await vi.advanceTimersByTimeAsync(4999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await rejected;
  });
});

describe('once set up', () => {
  test('a server that goes is told of, and the bus is not lost', async () => {
    serve(whole());
    const gone = new Promise<void>((resolve) => {
      void connectEmbeddedBus(path, resolve).then((bus) => {
        stack.use(bus);
        client?.[Symbol.dispose]();
      });
    });
    await gone;
  });

  test('no timer is left', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    serve(whole());
    using bus = await connectEmbeddedBus(path);
    expect([vi.getTimerCount(), bus.lost.aborted]).toEqual([0, false]);
  });
});
