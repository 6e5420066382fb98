// Sockets in the event loop: messages and descriptors in order, one end, nothing left open.
import { createEventfd, createSocketPair, identifyFd, liveResources, type OwnedFd } from '@vsoc/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../testing/words.js';
import { openSocket, type UnixSocket } from './socket.js';

let liveBefore: number;
let near: UnixSocket;
let far: UnixSocket;
let heard: number[][];
let ends: (Error | undefined)[];
let onMessage: (bytes: Uint8Array, fds: OwnedFd[]) => void;

beforeEach(() => {
  liveBefore = liveResources().length;
  heard = [];
  ends = [];
  onMessage = (bytes, fds) => {
    heard.push([...bytes]);
    for (const fd of fds) fd[Symbol.dispose]();
  };
  const [nearFd, farFd] = createSocketPair('seqpacket');
  near = openSocket(nearFd, { onMessage() {}, onEnd() {} });
  far = openSocket(farFd, {
    onMessage: (bytes, fds) => onMessage(bytes, fds),
    onEnd: (error) => ends.push(error),
  });
});
afterEach(() => {
  near[Symbol.dispose]();
  far[Symbol.dispose]();
  expect(liveResources()).toHaveLength(liveBefore);
});

test('messages arrive whole and in order, then the end, once', async () => {
  for (let i = 0; i < 40; i++) expect(near.send(new Uint8Array([i, i]))).toBe(true);
  near[Symbol.dispose]();
  await until(() => ends.length > 0);
  expect(heard).toEqual(Array.from({ length: 40 }, (_, i) => [i, i]));
  expect(ends).toEqual([undefined]);
});

test('descriptors come with their message and belong to who gets them', async () => {
  using doorbell = createEventfd();
  let received: OwnedFd[] = [];
  onMessage = (_bytes, fds) => {
    received = fds;
  };
  near.send(new Uint8Array(1), [doorbell.fd, doorbell.fd]);
  await until(() => received.length > 0);
  expect(received.map(({ fd }) => identifyFd(fd).kind)).toEqual(['anonymous', 'anonymous']);
  for (const fd of received) fd[Symbol.dispose]();
});

test('a message longer than any of our protocols’ ends the connection with its error', async () => {
  near.send(new Uint8Array(4097));
  await until(() => ends.length > 0);
  expect([heard, ends]).toEqual([[], [expect.objectContaining({ code: 'EMSGSIZE' })]]);
});

test('a message of the longest length is taken', async () => {
  near.send(new Uint8Array(4096));
  await until(() => heard.length > 0);
  expect(heard[0]).toHaveLength(4096);
});

test('nothing is heard after dispose, not even what came before it', async () => {
  onMessage = (bytes) => {
    heard.push([...bytes]);
    far[Symbol.dispose]();
  };
  near.send(new Uint8Array([1]));
  near.send(new Uint8Array([2]));
  await until(() => heard.length > 0);
  await new Promise((resolve) => setImmediate(resolve));
  expect([heard, ends]).toEqual([[[1]], []]);
});

describe('send', () => {
  test('is false once the peer has gone, and once disposed', () => {
    far[Symbol.dispose]();
    expect(near.send(new Uint8Array(1))).toBe(false);
    near[Symbol.dispose]();
    expect(near.send(new Uint8Array(1))).toBe(false);
  });

  test('is false when the peer does not read, and loses nothing of what was sent before', async () => {
    let sent = 0;
    while (near.send(new Uint8Array([sent & 0xff]))) sent++;
    await until(() => heard.length === sent);
    expect(near.send(new Uint8Array([1]))).toBe(true);
  });

  test('throws for a descriptor that is not open: the caller’s mistake', () => {
    expect(() => near.send(new Uint8Array(1), [0x7fff_fff0])).toThrow(
      expect.objectContaining({ code: 'EBADF' }),
    );
  });
});
