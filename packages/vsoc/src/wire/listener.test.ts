// Listening sockets: who comes, who was there before, and what is left afterwards.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectUnix,
  createEventfd,
  duplicateFd,
  listenUnix,
  liveResources,
  type OwnedFd,
  receiveMessage,
} from '@vsoc/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../testing/words.js';
import { listenAt, serveConnections } from './listener.js';
import { openSocket, type UnixSocket } from './socket.js';

let directory: string;
let path: string;
let liveBefore: number;

beforeEach(() => {
  liveBefore = liveResources().length;
  directory = mkdtempSync(join(tmpdir(), 'vsoc-listener-'));
  path = join(directory, 'socket');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
  expect(liveResources()).toHaveLength(liveBefore);
});

const usualLimit = Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]);
const options = { type: 'seqpacket', mode: 0o600 } as const;
const closeIt = (fd: OwnedFd) => fd[Symbol.dispose]();

describe('listenAt', () => {
  test('makes the socket with its mode, and removes it in the end', () => {
    const listener = listenAt(path, options, closeIt);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    listener[Symbol.dispose]();
    expect(existsSync(path)).toBe(false);
  });

  test('hands each connection over', async () => {
    const accepted: OwnedFd[] = [];
    using _listener = listenAt(path, options, (fd) => accepted.push(fd));
    const connections = [1, 2, 3].map(() => connectUnix(path, 'seqpacket'));
    await until(() => accepted.length === 3);
    for (const fd of [...accepted, ...connections]) fd[Symbol.dispose]();
  });

  test('takes the place of one that was killed', () => {
    listenUnix(path, 'seqpacket', 0o600)[Symbol.dispose]();
    expect(existsSync(path)).toBe(true);
    using _listener = listenAt(path, options, closeIt);
    connectUnix(path, 'seqpacket')[Symbol.dispose]();
  });

  test('is EADDRINUSE where somebody listens, who keeps the socket', () => {
    using _first = listenAt(path, options, closeIt);
    expect(() => listenAt(path, options, closeIt)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
    expect(() => listenAt(path, { ...options, type: 'stream' }, closeIt)).toThrow(
      expect.objectContaining({ code: 'EADDRINUSE' }),
    );
    connectUnix(path, 'seqpacket')[Symbol.dispose]();
  });

  test('ends well although its directory is gone already', () => {
    const listener = listenAt(path, options, closeIt);
    rmSync(path);
    expect(() => listener[Symbol.dispose]()).not.toThrow();
  });
});

test('serveConnections leaves socket and file to the caller', () => {
  using listening = listenUnix(path, 'seqpacket', 0o600);
  serveConnections(listening, closeIt)[Symbol.dispose]();
  expect([listening.closed, existsSync(path)]).toEqual([false, true]);
});

describe('when descriptors run out', () => {
  let hoard: OwnedFd[];

  beforeEach(() => {
    hoard = [];
    setDescriptorLimit(256);
  });
  afterEach(() => {
    free(hoard.length);
    setDescriptorLimit(usualLimit);
  });

  /** Leaves this process exactly `count`. */
  function leave(count: number): void {
    using some = createEventfd();
    try {
      for (;;) hoard.push(duplicateFd(some.fd));
    } catch (error) {
      expect(error).toMatchObject({ code: 'EMFILE' });
    }
    some[Symbol.dispose]();
    if (count === 0) hoard.push(createEventfd());
    else free(count - 1);
  }
  function free(count: number): void {
    for (const fd of hoard.splice(0, count)) fd[Symbol.dispose]();
  }

  test.each([0, 1])('with %i left a connection is closed, and the next one is served', async (left) => {
    const served: UnixSocket[] = [];
    // A served connection takes two: its own and the one that it is watched by.
    using _listener = listenAt(path, options, (fd) =>
      served.push(openSocket(fd, { onMessage() {}, onEnd() {} })),
    );
    using refused = connectUnix(path, 'seqpacket');
    leave(left);
    await until(() => isClosed(refused));
    expect(served).toHaveLength(0);
    free(hoard.length);
    using _next = connectUnix(path, 'seqpacket');
    await until(() => served.length === 1);
    served[0]?.[Symbol.dispose]();
  });
});

function isClosed(connection: OwnedFd): boolean {
  const message = receiveMessage(connection.fd, new Uint8Array(1));
  return message !== 'would-block' && message.byteCount === 0;
}

/** Of this process: the soft limit, which can be raised again. */
function setDescriptorLimit(limit: number): void {
  execFileSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${limit}:`]);
}
