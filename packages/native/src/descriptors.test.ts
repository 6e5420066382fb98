import { fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  createPipe,
  createSocketPair,
  descriptorLimit,
  duplicateFd,
  identifyFd,
  ioctl,
  tryLock,
  waitReadable,
} from './descriptors.js';
import { DisposableStack } from './disposable-stack.js';
import { createEventfd } from './eventfd.js';
import { createSealedMemfd } from './memfd.js';
import { OwnedFd } from './owned-fd.js';
import { isCloseOnExec } from './testing/proc.js';

const fionread = 0x541b;

function openPipe(scope: DisposableStack) {
  const { read, write } = createPipe();
  return { read: scope.use(read), write: scope.use(write) };
}

test('a pipe carries bytes; both ends are close-on-exec and non-blocking', () => {
  using scope = new DisposableStack();
  const { read, write } = openPipe(scope);
  writeSync(write.fd, 'abc');
  expect(readFileSync(`/proc/self/fdinfo/${read.fd}`, 'utf8')).toMatch(/flags:\t02004000/);
  expect(readFileSync(`/proc/self/fdinfo/${write.fd}`, 'utf8')).toMatch(/flags:\t02004001/);
});

test('FIONREAD counts the bytes in a pipe', () => {
  using scope = new DisposableStack();
  const { read, write } = openPipe(scope);
  writeSync(write.fd, 'seven b');
  const count = new Uint8Array(4);
  expect(ioctl(read.fd, fionread, count)).toBe(0);
  expect(new DataView(count.buffer).getInt32(0, true)).toBe(7);
});

test('an ioctl with fewer bytes than its number encodes is refused before the kernel writes them', () => {
  using scope = new DisposableStack();
  const { read } = openPipe(scope);
  expect(() => ioctl(read.fd, 0xc020_f507, new Uint8Array(31))).toThrow(/32 bytes, the argument has 31/);
  expect(() => ioctl(read.fd, 0xc020_f507, new Uint8Array(32))).toThrow(
    expect.objectContaining({ code: 'ENOTTY', syscall: 'ioctl' }),
  );
  expect(() => ioctl(read.fd, 0xf502, 0)).toThrow('ENOTTY');
  expect(() => ioctl(read.fd, 2 ** 32, 0)).toThrow(/ioctl request: expected an integer from 0/);
});

test.each(['stream', 'seqpacket'] as const)('a %s pair is connected and close-on-exec', (type) => {
  const [first, second] = createSocketPair(type);
  using scope = new DisposableStack();
  scope.use(first);
  scope.use(second);
  expect(isCloseOnExec(first.fd) && isCloseOnExec(second.fd)).toBe(true);
  expect(identifyFd(first.fd).kind).toBe('socket');
  expect(identifyFd(first.fd).ino).not.toBe(identifyFd(second.fd).ino);
});

test('copies have the identity of the original, and nothing else has', () => {
  using scope = new DisposableStack();
  const { write } = openPipe(scope);
  const other = openPipe(scope);
  const copy = scope.use(duplicateFd(write.fd));
  expect(copy.fd).toBeGreaterThan(2);
  expect(isCloseOnExec(copy.fd)).toBe(true);
  expect(identifyFd(copy.fd)).toEqual(identifyFd(write.fd));
  expect(identifyFd(other.write.fd)).not.toEqual(identifyFd(write.fd));
  const { dev, ino } = fstatSync(write.fd, { bigint: true });
  expect(identifyFd(write.fd)).toEqual({ dev, ino, kind: 'pipe' });
});

test('the kind of a descriptor is told', () => {
  using scope = new DisposableStack();
  const open = (path: string) => scope.use(OwnedFd.own(openSync(path, 'r'), path)).fd;
  expect(identifyFd(openPipe(scope).read.fd).kind).toBe('pipe');
  expect(identifyFd(scope.use(createSealedMemfd('kind', 1)).fd).kind).toBe('file');
  expect(identifyFd(scope.use(createEventfd()).fd).kind).toBe('anonymous');
  expect(identifyFd(open('/dev/null')).kind).toBe('character-device');
  expect(identifyFd(open('/')).kind).toBe('directory');
});

test('the limit of descriptors is the one that the kernel reports', () => {
  const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  expect(descriptorLimit()).toBe(Number(soft));
});

test('a lock is one open file description’s, and goes with its last copy', () => {
  using scope = new DisposableStack();
  const open = () => scope.use(OwnedFd.own(openSync('.', 'r'), 'directory'));
  const [first, second] = [open(), open()];
  const copy = scope.use(duplicateFd(first.fd));
  expect(tryLock(first.fd)).toBe(true);
  expect(tryLock(copy.fd)).toBe(true);
  expect(tryLock(second.fd)).toBe(false);
  first[Symbol.dispose]();
  expect(tryLock(second.fd)).toBe(false);
  copy[Symbol.dispose]();
  expect(tryLock(second.fd)).toBe(true);
  const { fd } = second;
  second[Symbol.dispose]();
  expect(() => tryLock(fd)).toThrow('EBADF');
});

test('waiting for a descriptor ends with data, with the end, and no earlier than its timeout', () => {
  using scope = new DisposableStack();
  const { read, write } = openPipe(scope);
  const startNs = process.hrtime.bigint();
  expect(waitReadable(read.fd, 20)).toBe('timed-out');
  expect(process.hrtime.bigint() - startNs).toBeGreaterThanOrEqual(20_000_000n);
  write[Symbol.dispose]();
  expect(waitReadable(read.fd)).toBe('readable');
  const { fd } = read;
  read[Symbol.dispose]();
  expect(() => waitReadable(fd, 0)).toThrow('EBADF');
});
