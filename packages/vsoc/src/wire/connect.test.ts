// A listener whose queue is full: nobody is turned away for that, and nobody waits for ever.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acceptUnix, connectUnix, listenUnix, liveResources, type OwnedFd, sendMessage } from '@vsoc/native';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { until } from '../testing/words.js';
import { connectSocket } from './connect.js';

let directory: string;
let path: string;
let liveBefore: number;
let listening: OwnedFd;
let waiting: OwnedFd[];

beforeEach(() => {
  liveBefore = liveResources().length;
  directory = mkdtempSync(join(tmpdir(), 'vsoc-connect-'));
  path = join(directory, 'socket');
  listening = listenUnix(path, 'seqpacket', 0o600);
  waiting = [];
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const fd of [...waiting, listening]) fd[Symbol.dispose]();
  rmSync(directory, { recursive: true });
  expect(liveResources()).toHaveLength(liveBefore);
});

function fillQueue(): void {
  for (;;) {
    try {
      waiting.push(connectUnix(path, 'seqpacket'));
    } catch (error) {
      expect(error).toMatchObject({ code: 'EAGAIN' });
      return;
    }
  }
}

function acceptAll(): OwnedFd[] {
  const accepted: OwnedFd[] = [];
  for (let fd = acceptUnix(listening.fd); fd; fd = acceptUnix(listening.fd)) accepted.push(fd);
  return accepted;
}

const events = { onMessage() {}, onEnd() {} };

test('it connects as soon as there is a place, and hears what is said to it then', async () => {
  fillQueue();
  const heard: number[] = [];
  using socket = connectSocket(path, 'seqpacket', { ...events, onMessage: (bytes) => heard.push(...bytes) });
  expect(socket.send(new Uint8Array(1))).toBe(false);
  expect(() => socket.fd).toThrow('queue is still full');
  waiting.push(...acceptAll());
  let last: OwnedFd | undefined;
  await until(() => {
    last = acceptUnix(listening.fd);
    return last !== undefined;
  });
  waiting.push(last as OwnedFd);
  sendMessage((last as OwnedFd).fd, new Uint8Array([7]));
  await until(() => heard.length > 0);
  expect(heard).toEqual([7]);
  expect(socket.send(new Uint8Array(1))).toBe(true);
});

test('a listener that goes away meanwhile is the end, told once', async () => {
  fillQueue();
  const ends: unknown[] = [];
  using _socket = connectSocket(path, 'seqpacket', { ...events, onEnd: (error) => ends.push(error) });
  listening[Symbol.dispose]();
  await until(() => ends.length > 0);
  expect(ends).toEqual([expect.objectContaining({ code: 'ECONNREFUSED' })]);
});

test('a queue that stays full is the end after 5 s', async () => {
  fillQueue();
  const ends: unknown[] = [];
  using _socket = connectSocket(path, 'seqpacket', { ...events, onEnd: (error) => ends.push(error) });
  const now = performance.now();
  vi.spyOn(performance, 'now').mockReturnValue(now + 5001);
  await until(() => ends.length > 0);
  expect(ends).toEqual([expect.objectContaining({ code: 'EAGAIN' })]);
});

test('disposed while it tries, it tries no more', () => {
  fillQueue();
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const socket = connectSocket(path, 'seqpacket', events);
  expect(timers()).toBe(before + 1);
  socket[Symbol.dispose]();
  expect(timers()).toBe(before);
});
