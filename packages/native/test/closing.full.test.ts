// Closing what came from another process takes no time that it could choose: here a TCP socket whose close, as it was
// sent, waits for half a minute.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSocketPair, waitReadable } from '../src/descriptors.js';
import { DisposableStack } from '../src/disposable-stack.js';
import { receiveMessage } from '../src/message.js';
import type { OwnedFd } from '../src/owned-fd.js';
import { countFds } from '../src/testing/proc.js';
import { acceptUnix, connectUnix, listenUnix } from '../src/unix-socket.js';

const program = fileURLToPath(new URL('../test-fixtures/linger.py', import.meta.url));
const lingerSeconds = 30;
const room = new Uint8Array(16);

let scope: DisposableStack;
beforeEach(() => {
  scope = new DisposableStack();
});
afterEach(() => scope.dispose());

/** Resolves when the last copy of the socket is on its way, in a message of `textBytes`. */
async function sendLingering(way: readonly string[], { textBytes = 1, over }: Options = {}): Promise<void> {
  const stdio = ['pipe', 'pipe', 'inherit', ...(over ? [over.fd] : [])] as const;
  const child = spawn('python3', [program, `${lingerSeconds}`, `${textBytes}`, ...way], {
    stdio: [...stdio],
  });
  scope.defer(() => child.kill('SIGKILL'));
  await once(child.stdout as Readable, 'data');
}
interface Options {
  readonly textBytes?: number;
  readonly over?: OwnedFd;
}

function expectQuick(act: () => void): void {
  const startMs = performance.now();
  act();
  expect(performance.now() - startMs).toBeLessThan((lingerSeconds * 1000) / 2);
}

test('a socket that lingers, received and closed', async () => {
  const [here, there] = createSocketPair('seqpacket');
  scope.use(here);
  scope.use(there);
  await sendLingering(['pair'], { over: there });
  const message = receiveMessage(here.fd, room);
  if (message === 'would-block') throw new Error('expected a message');
  expectQuick(() => message.fds[0]?.[Symbol.dispose]());
});

test('one that came in a message which was refused', async () => {
  const [here, there] = createSocketPair('seqpacket');
  scope.use(here);
  scope.use(there);
  await sendLingering(['pair'], { over: there, textBytes: room.byteLength + 1 });
  const before = countFds();
  expectQuick(() => expect(() => receiveMessage(here.fd, room)).toThrow('EMSGSIZE'));
  expect(countFds()).toBe(before);
});

test('one in a message that nobody has read when its connection is closed', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vsoc-native-'));
  scope.defer(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'socket');
  const listening = scope.use(listenUnix(path, 'stream', 0o600));
  const before = countFds();
  await sendLingering(['connect', path], { textBytes: 10_000 });
  const connection = acceptUnix(listening.fd);
  expectQuick(() => connection?.[Symbol.dispose]());
  expect(countFds()).toBeLessThanOrEqual(before + 2);
});

test('who was accepted hears the end, not an error, although nobody read what it said', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vsoc-native-'));
  scope.defer(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'socket');
  const listening = scope.use(listenUnix(path, 'stream', 0o600));
  const client = scope.use(connectUnix(path, 'stream'));
  const connection = acceptUnix(listening.fd);
  connection?.[Symbol.dispose]();
  expect(waitReadable(client.fd, 1000)).toBe('readable');
  expect(receiveMessage(client.fd, room)).toEqual({ byteCount: 0, fds: [] });
});
