// Who gets the name of a socket: the directory's lock is what decides between successors.
import { mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectUnix, listenUnix, liveResources, OwnedFd, tryLock } from '@vsoc/native';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listenReplacing } from './listen-replacing.js';

const options = { type: 'seqpacket', mode: 0o600 } as const;

let directory: string;
let path: string;
let liveBefore: number;

beforeEach(() => {
  liveBefore = liveResources().length;
  directory = mkdtempSync(join(tmpdir(), 'vsoc-listen-'));
  path = join(directory, 'socket');
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
  expect(liveResources()).toHaveLength(liveBefore);
});

function lockDirectory(): OwnedFd {
  const lock = OwnedFd.own(openSync(directory, 'r'), directory);
  expect(tryLock(lock.fd)).toBe(true);
  return lock;
}

test('one that was killed is replaced, one that lives is EADDRINUSE', () => {
  listenUnix(path, 'seqpacket', 0o600)[Symbol.dispose]();
  using _first = listenReplacing(path, options);
  expect(() => listenReplacing(path, options)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  using _client = connectUnix(path, 'seqpacket');
});

test('a successor that comes while another replaces the socket waits, and then finds it alive', () => {
  listenUnix(path, 'seqpacket', 0o600)[Symbol.dispose]();
  using lock = lockDirectory();
  let fresh: OwnedFd | undefined;
  const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    // What the other one does with the lock that this one waits for.
    if (wait.mock.calls.length === 3) {
      rmSync(path);
      fresh = listenUnix(path, 'seqpacket', 0o600);
      lock[Symbol.dispose]();
    }
    return 'timed-out';
  });
  expect(() => listenReplacing(path, options)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  expect(wait).toHaveBeenCalledTimes(3);
  using _fresh = fresh;
  connectUnix(path, 'seqpacket')[Symbol.dispose]();
});

test('a lock that is not given back is an error that names the directory, and changes nothing', () => {
  using stale = listenUnix(path, 'seqpacket', 0o600);
  stale[Symbol.dispose]();
  const { ino } = statSync(path);
  using _lock = lockDirectory();
  const wait = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out');
  expect(() => listenReplacing(path, options)).toThrow(
    `${directory}: another process has held its lock for 2 s`,
  );
  expect(wait).toHaveBeenCalledTimes(2000);
  expect(statSync(path).ino).toBe(ino);
});

test('the lock is given back', () => {
  using _listening = listenReplacing(path, options);
  lockDirectory()[Symbol.dispose]();
});
