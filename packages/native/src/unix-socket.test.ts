import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DisposableStack } from './disposable-stack.js';
import type { OwnedFd } from './owned-fd.js';
import { startPeer } from './testing/peer.js';
import { countFds, isCloseOnExec, until } from './testing/proc.js';
import { acceptUnix, connectUnix, listenUnix, peerCredentials } from './unix-socket.js';

let scope: DisposableStack;
let directory: string;

beforeEach(() => {
  scope = new DisposableStack();
  directory = scope.adopt(mkdtempSync(join(tmpdir(), 'n-')), (path) => rmSync(path, { recursive: true }));
});
afterEach(() => scope.dispose());

/** A path in the test's directory with exactly this many bytes. */
function pathOf(lengthBytes: number): string {
  return join(directory, 'p'.repeat(lengthBytes - Buffer.byteLength(directory) - 1));
}

test.each(['stream', 'seqpacket'] as const)(
  'a %s listener accepts whoever connected, then nobody',
  (type) => {
    const path = join(directory, 'socket');
    const listener = scope.use(listenUnix(path, type, 0o600));
    expect(acceptUnix(listener.fd)).toBeUndefined();
    const client = scope.use(connectUnix(path, type));
    const served = scope.use(acceptUnix(listener.fd) as OwnedFd);
    expect([listener, client, served].map(({ fd }) => isCloseOnExec(fd))).toEqual([true, true, true]);
    expect(acceptUnix(listener.fd)).toBeUndefined();
  },
);

test.each([0o600, 0o666])('the socket file has mode %i', (mode) => {
  const path = join(directory, 'socket');
  scope.use(listenUnix(path, 'stream', mode));
  expect(statSync(path).mode & 0o777).toBe(mode);
});

test('a path of 107 bytes works, one of 108 is refused with its length', () => {
  const longest = pathOf(107);
  scope.use(listenUnix(longest, 'stream', 0o600));
  scope.use(connectUnix(longest, 'stream'));
  expect(() => listenUnix(pathOf(108), 'stream', 0o600)).toThrow(
    /expected 1 to 107 bytes without NUL, seen 108/,
  );
  expect(() => connectUnix(pathOf(108), 'stream')).toThrow(/seen 108/);
  expect(() => connectUnix('', 'stream')).toThrow(/seen 0/);
  expect(() => connectUnix('a\0b', 'stream')).toThrow(/without NUL/);
});

test('credentials name the process that connected', async () => {
  const path = join(directory, 'socket');
  const listener = scope.use(listenUnix(path, 'stream', 0o600));
  const peer = scope.use(startPeer('connect', { args: [path] }));
  let served: OwnedFd | undefined;
  await until(() => {
    served = acceptUnix(listener.fd);
    return served !== undefined;
  });
  const credentials = peerCredentials(scope.use(served as OwnedFd).fd);
  expect(credentials).toEqual({ pid: peer.child.pid, uid: process.getuid?.(), gid: process.getgid?.() });
  expect(await peer.said()).toBe(process.pid);
});

test('a path in use, nobody there and the wrong type are system errors that leak nothing', () => {
  const path = join(directory, 'socket');
  scope.use(listenUnix(path, 'stream', 0o600));
  const before = countFds();
  expect(() => listenUnix(path, 'stream', 0o600)).toThrow(
    expect.objectContaining({ code: 'EADDRINUSE', syscall: 'bind' }),
  );
  expect(() => connectUnix(join(directory, 'nobody'), 'stream')).toThrow(
    expect.objectContaining({ code: 'ENOENT', errno: 2, syscall: 'connect' }),
  );
  expect(() => connectUnix(path, 'seqpacket')).toThrow('EPROTOTYPE');
  expect(() => connectUnix(path, 'dgram' as 'stream')).toThrow(/expected stream or seqpacket, seen "dgram"/);
  expect(() => listenUnix(path, 'stream', 0o1000)).toThrow(/mode of the socket/);
  expect(countFds()).toBe(before);
});
