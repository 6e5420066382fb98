import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSocketPair, identifyFd } from './descriptors.js';
import { DisposableStack } from './disposable-stack.js';
import { createEventfd, readEventfd } from './eventfd.js';
import { createSealedMemfd } from './memfd.js';
import { type ReceivedMessage, receiveMessage, sendMessage } from './message.js';
import type { SocketType } from './socket-type.js';
import { startPeer } from './testing/peer.js';
import { countFds, isCloseOnExec } from './testing/proc.js';
import { mapWindow } from './window-mapping.js';

let scope: DisposableStack;
beforeEach(() => {
  scope = new DisposableStack();
});
afterEach(() => scope.dispose());

const types = ['stream', 'seqpacket'] as const;
const text = (value: string) => new TextEncoder().encode(value);

function openPair(type: SocketType) {
  const [here, there] = createSocketPair(type);
  return { here: scope.use(here), there: scope.use(there) };
}

function received(message: ReceivedMessage | 'would-block'): ReceivedMessage {
  if (message === 'would-block') throw new Error('expected a message');
  for (const fd of message.fds) scope.use(fd);
  return message;
}

test.each(types)('a memfd and an eventfd reach another process over %s, close-on-exec', async (type) => {
  const { here, there } = openPair(type);
  const memfd = scope.use(createSealedMemfd('sent', 0x1_0000));
  const doorbell = scope.use(createEventfd());
  const words = new Int32Array(scope.use(mapWindow(memfd.fd, 0x1_0000)).buffer);
  const peer = scope.use(startPeer('receive', { fds: [there.fd] }));
  expect(sendMessage(here.fd, text('hello'), [memfd.fd, doorbell.fd])).toBe(5);
  expect(await peer.said()).toEqual({ text: 'hello', closeOnExec: [true, true] });
  expect(await peer.exitCode).toBe(0);
  expect(Atomics.load(words, 0)).toBe(1);
  expect(readEventfd(doorbell.fd)).toBe(1n);
});

test.each(types)('a received copy over %s is the sender’s object and close-on-exec', (type) => {
  const { here, there } = openPair(type);
  const doorbell = scope.use(createEventfd());
  sendMessage(here.fd, text('x'), [doorbell.fd, here.fd]);
  const { byteCount, fds } = received(receiveMessage(there.fd, new Uint8Array(8)));
  expect([byteCount, fds.length]).toEqual([1, 2]);
  expect(fds.map(({ fd }) => isCloseOnExec(fd))).toEqual([true, true]);
  expect(identifyFd(fds[1]?.fd ?? -1)).toEqual(identifyFd(here.fd));
});

test.each(types)('an empty %s would block, a closed one has 0 bytes', (type) => {
  const { here, there } = openPair(type);
  expect(receiveMessage(there.fd, new Uint8Array(8))).toBe('would-block');
  here[Symbol.dispose]();
  expect(receiveMessage(there.fd, new Uint8Array(8))).toEqual({ byteCount: 0, fds: [] });
});

test.each(types)('a %s whose peer closed with our bytes unread is closed, and sending is EPIPE', (type) => {
  const { here, there } = openPair(type);
  sendMessage(here.fd, text('unread'));
  there[Symbol.dispose]();
  expect(receiveMessage(here.fd, new Uint8Array(8))).toEqual({ byteCount: 0, fds: [] });
  expect(() => sendMessage(here.fd, text('x'))).toThrow(
    expect.objectContaining({ code: 'EPIPE', syscall: 'sendmsg' }),
  );
});

test.each(types)('a full %s would block, and takes more once it is read', (type) => {
  const { here, there } = openPair(type);
  const bytes = new Uint8Array(4096);
  let sentBytes = 0;
  let sent: number | 'would-block';
  do {
    sent = sendMessage(here.fd, bytes);
    if (sent !== 'would-block') sentBytes += sent;
  } while (sent !== 'would-block');
  let gotBytes = 0;
  for (;;) {
    const message = receiveMessage(there.fd, bytes);
    if (message === 'would-block') break;
    gotBytes += message.byteCount;
  }
  expect(gotBytes).toBe(sentBytes);
  expect(sendMessage(here.fd, bytes)).toBe(4096);
});

test('a packet longer than its room is an error and leaks nothing; the next one is whole', () => {
  const { here, there } = openPair('seqpacket');
  const doorbell = scope.use(createEventfd());
  sendMessage(here.fd, text('much too long'), [doorbell.fd, doorbell.fd]);
  sendMessage(here.fd, text('next'));
  const before = countFds();
  expect(() => receiveMessage(there.fd, new Uint8Array(4))).toThrow(
    expect.objectContaining({
      code: 'EMSGSIZE',
      syscall: 'recvmsg',
      message: expect.stringContaining('than the 4'),
    }),
  );
  expect(countFds()).toBe(before);
  expect(received(receiveMessage(there.fd, new Uint8Array(4))).byteCount).toBe(4);
});

test('descriptors that do not fit the process’s table are an error, and those that did are closed', async () => {
  const { here, there } = openPair('seqpacket');
  sendMessage(here.fd, text('x'), Array(8).fill(here.fd));
  const peer = scope.use(startPeer('receiveWithFullTable', { fds: [there.fd], maxFds: 64 }));
  expect(await peer.said()).toEqual({
    code: 'EMSGSIZE',
    message: expect.stringContaining('descriptors were cut off after'),
    leaked: 0,
  });
});

test('the most descriptors of one message pass, one more is refused', () => {
  const { here, there } = openPair('seqpacket');
  const most = Array<number>(253).fill(here.fd);
  expect(sendMessage(here.fd, text('x'), most)).toBe(1);
  expect(received(receiveMessage(there.fd, new Uint8Array(1))).fds.length).toBe(253);
  expect(() => sendMessage(here.fd, text('x'), [...most, here.fd])).toThrow(
    /integer from 0 to 253, seen 254/,
  );
});

test('empty messages and impossible descriptors are refused', () => {
  const { here } = openPair('seqpacket');
  expect(() => sendMessage(here.fd, new Uint8Array(0))).toThrow(/at least 1 byte, seen 0/);
  expect(() => receiveMessage(here.fd, new Uint8Array(0))).toThrow(/room for the message/);
  expect(() => sendMessage(here.fd, text('x'), [-1])).toThrow(/file descriptor/);
  expect(() => sendMessage(here.fd, text('x'), [0x7fff_ffff])).toThrow('EBADF');
});
