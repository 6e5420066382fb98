// Turns in a real loop: a client that floods rests, nothing of it is lost, and the others do not wait for it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectUnix,
  createEventfd,
  createSocketPair,
  listenUnix,
  liveResources,
  type OwnedFd,
  receiveMessage,
  sendMessage,
} from '@vsoc/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../testing/words.js';
import { serveConnections } from './listener.js';
import { openSocket, type UnixSocket } from './socket.js';
import { openTurns, type Turns } from './turns.js';

const flooder = 11;
const other = 22;

let liveBefore: number;
/** What the loop believes: it has never slept, and time passes by the turns that are served. */
let nowMs: number;
let turns: Turns;
let open: Disposable[];

beforeEach(() => {
  liveBefore = liveResources().length;
  nowMs = 1000;
  turns = openTurns({ nowMs: () => nowMs, sleptMs: () => 0 }, 0);
  open = [];
});
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
  expect(liveResources()).toHaveLength(liveBefore);
});

interface Talk {
  readonly far: OwnedFd;
  readonly near: UnixSocket;
  readonly heard: number[];
  ends: number;
}

/** A connection of a client; each of its messages takes `costMs` to serve. */
function talkTo(pid: number, costMs: number): Talk {
  const [near, far] = createSocketPair('seqpacket');
  const heard: number[] = [];
  const onMessage = (bytes: Uint8Array) => {
    nowMs += costMs;
    heard.push(bytes[0] ?? -1);
  };
  const onEnd = () => {
    talk.ends++;
  };
  const talk = { far, heard, ends: 0, near: openSocket(near, { onMessage, onEnd }, turns.client(pid)) };
  open.push(talk.near, far);
  return talk;
}

/** Sends twenty messages, numbered; all of them are less than a burst. */
function fill({ far }: Talk): number[] {
  const numbers = Array.from({ length: 20 }, (_, i) => i);
  for (const number of numbers) expect(sendMessage(far.fd, new Uint8Array([number]))).toBe(1);
  return numbers;
}

const rested = () => until(() => turns.rests(flooder));

test('a client that floods rests once its credit is spent, and comes back when it has some', async () => {
  const flood = talkTo(flooder, 0.04);
  const sent = fill(flood);
  await rested();
  const served = flood.heard.length;
  expect(served).toBeLessThan(10);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(flood.heard).toHaveLength(served);
  nowMs += 1000;
  await until(() => flood.heard.length === sent.length);
  expect(flood.heard).toEqual(sent);
  await until(() => !turns.rests(flooder));
});

test('meanwhile others are served', async () => {
  const flood = talkTo(flooder, 0.04);
  const quiet = talkTo(other, 0.001);
  fill(flood);
  await rested();
  sendMessage(quiet.far.fd, new Uint8Array([7]));
  await until(() => quiet.heard.length === 1);
  expect(turns.rests(flooder)).toBe(true);
});

test('a second connection of the same process rests too; in the end each was served', async () => {
  const floods = [talkTo(flooder, 0.04), talkTo(flooder, 0.04)];
  const sent = floods.map(fill);
  await rested();
  const served = () => floods.reduce((sum, { heard }) => sum + heard.length, 0);
  expect(served()).toBeLessThan(10);
  nowMs += 5;
  await until(() => floods.every(({ heard }) => heard.length > 1));
  nowMs += 1000;
  await until(() => served() === sent.flat().length);
});

test('what comes after a rest is heard again', async () => {
  const flood = talkTo(flooder, 0.04);
  const sent = fill(flood);
  await rested();
  nowMs += 1000;
  await until(() => flood.heard.length === sent.length && !turns.rests(flooder));
  sendMessage(flood.far.fd, new Uint8Array([99]));
  await until(() => flood.heard.at(-1) === 99);
});

describe('while it rests', () => {
  test('a connection can be disposed, and is heard no more', async () => {
    const flood = talkTo(flooder, 0.04);
    fill(flood);
    await rested();
    const served = flood.heard.length;
    flood.near[Symbol.dispose]();
    nowMs += 1000;
    await until(() => !turns.rests(flooder));
    expect([flood.heard.length, flood.ends]).toEqual([served, 0]);
  });

  test('a peer that vanishes is told after all that it sent', async () => {
    const flood = talkTo(flooder, 0.04);
    const sent = fill(flood);
    await rested();
    flood.far[Symbol.dispose]();
    nowMs += 1000;
    await until(() => flood.ends === 1);
    expect(flood.heard).toEqual(sent);
  });

  test('descriptors may run out: it is served as before, and watched when there are some', async () => {
    const flood = talkTo(flooder, 0.04);
    const sent = fill(flood);
    await rested();
    using hoard = takeAllDescriptors();
    nowMs += 1000;
    await until(() => flood.heard.length === sent.length);
    expect(turns.rests(flooder)).toBe(true);
    hoard[Symbol.dispose]();
    await until(() => !turns.rests(flooder));
  });
});

describe('a listener', () => {
  let directory: string;
  let path: string;
  let served: number;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'vsoc-turns-'));
    path = join(directory, 'socket');
    served = 0;
    const listening = listenUnix(path, 'seqpacket', 0o600);
    const onConnection = (connection: OwnedFd) => {
      nowMs += 0.04;
      served++;
      open.push(connection);
    };
    open.push(serveConnections(listening, onConnection, turns), listening);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const come = () => connectUnix(path, 'seqpacket');

  test('accepts no more from a process that comes too often, until it has credit', async () => {
    for (let i = 0; i < 20; i++) open.push(come());
    await until(() => turns.rests(process.pid));
    expect(served).toBeLessThan(10);
    nowMs += 1000;
    await until(() => served === 20);
  });

  test('closes unserved what such a process has left already, once there are many', async () => {
    for (let i = 0; i < 100; i++) come()[Symbol.dispose]();
    const last = come();
    open.push(last);
    await until(() => turns.rests(process.pid));
    nowMs += 1000;
    await until(() => !turns.rests(process.pid));
    expect(served).toBeGreaterThan(16);
    expect(served).toBeLessThan(30);
    expect(receiveMessage(last.fd, new Uint8Array(1))).toBe('would-block');
  });
});

/** All that this process may have, until they are disposed. */
function takeAllDescriptors(): Disposable {
  const [, usual = ''] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  const setLimit = (limit: string) =>
    execFileSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${limit}:`]);
  setLimit('256');
  const hoard = [createEventfd()];
  try {
    for (;;) hoard.push(createEventfd());
  } catch (error) {
    expect(error).toMatchObject({ code: 'EMFILE' });
  }
  return {
    [Symbol.dispose]() {
      for (const fd of hoard.splice(0)) fd[Symbol.dispose]();
      setLimit(usual);
    },
  };
}
