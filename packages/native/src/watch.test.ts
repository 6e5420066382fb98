import { openSync, readSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPipe, createSocketPair, duplicateFd } from './descriptors.js';
import { DisposableStack } from './disposable-stack.js';
import { createEventfd, readEventfd, signalEventfd } from './eventfd.js';
import { createSealedMemfd } from './memfd.js';
import { OwnedFd } from './owned-fd.js';
import { liveResources } from './resources.js';
import { startPeer } from './testing/peer.js';
import { countFds, until } from './testing/proc.js';
import { type WatchMode, watch } from './watch.js';
import { mapWindow } from './window-mapping.js';

let scope: DisposableStack;
beforeEach(() => {
  scope = new DisposableStack();
});
afterEach(() => scope.dispose());

function openPipe() {
  const { read, write } = createPipe();
  return { read: scope.use(read), write: scope.use(write) };
}

/** Watches and counts; `turns` lets the loop poll that many times, for what must not happen. */
function countCalls(fd: number, mode: WatchMode) {
  const counter = { calls: 0, watch: undefined as unknown as ReturnType<typeof watch> };
  counter.watch = scope.use(watch(fd, mode, () => void counter.calls++));
  return counter;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('readable: comes again while something is left, and no more when it is read', async () => {
  const { read, write } = openPipe();
  const counter = countCalls(read.fd, 'readable');
  await turns(5);
  expect(counter.calls).toBe(0);
  writeSync(write.fd, 'ab');
  await until(() => counter.calls >= 3);
  readSync(read.fd, new Uint8Array(2));
  const seen = counter.calls;
  await turns(5);
  expect(counter.calls).toBe(seen);
});

test('readable: the end of a pipe counts', async () => {
  const { read, write } = openPipe();
  const counter = countCalls(read.fd, 'readable');
  write[Symbol.dispose]();
  await until(() => counter.calls > 0);
  counter.watch[Symbol.dispose]();
});

test('edge: one call for several signals, none without, though nobody reads', async () => {
  const doorbell = scope.use(createEventfd());
  const counter = countCalls(doorbell.fd, 'edge');
  for (let round = 1; round <= 3; round++) {
    signalEventfd(doorbell.fd);
    signalEventfd(doorbell.fd);
    await until(() => counter.calls === round);
    await turns(5);
    expect(counter.calls).toBe(round);
  }
  expect(readEventfd(doorbell.fd)).toBe(6n);
});

test('edge: what was signalled before is the first edge', async () => {
  const doorbell = scope.use(createEventfd());
  signalEventfd(doorbell.fd);
  const counter = countCalls(doorbell.fd, 'edge');
  expect(counter.calls).toBe(0);
  await until(() => counter.calls === 1);
});

test('edge: of many signals by another process, the last state is always seen, by every watcher', async () => {
  const signals = 20_000;
  const memfd = scope.use(createSealedMemfd('edges', 0x1_0000));
  const words = new Int32Array(scope.use(mapWindow(memfd.fd, 0x1_0000)).buffer);
  const doorbell = scope.use(createEventfd());
  const seen = [0, 0];
  for (const index of seen.keys()) {
    const look = () => {
      seen[index] = Atomics.load(words, 0);
    };
    scope.use(watch(doorbell.fd, 'edge', look));
  }
  const peer = scope.use(startPeer('signal', { args: [String(signals)], fds: [memfd.fd, doorbell.fd] }));
  await until(() => seen.every((last) => last === signals));
  expect(await peer.exitCode).toBe(0);
});

test('hang-up: after SIGKILL of the last holder, with unread data in the pipe, once', async () => {
  const { read, write } = openPipe();
  writeSync(write.fd, 'unread');
  const counter = countCalls(read.fd, 'hang-up');
  const holder = scope.use(startPeer('hold', { fds: [write.fd] }));
  await holder.said();
  write[Symbol.dispose]();
  await turns(5);
  expect(counter.calls).toBe(0);
  holder.child.kill('SIGKILL');
  await until(() => counter.calls > 0);
  await turns(5);
  expect(counter.calls).toBe(1);
});

test('hang-up: data alone, or one of two copies closed, is none; one that was there before is seen', async () => {
  const { read, write } = openPipe();
  const copy = scope.use(duplicateFd(write.fd));
  const early = countCalls(read.fd, 'hang-up');
  writeSync(write.fd, 'data');
  write[Symbol.dispose]();
  await turns(5);
  expect(early.calls).toBe(0);
  copy[Symbol.dispose]();
  const late = countCalls(read.fd, 'hang-up');
  await until(() => early.calls === 1 && late.calls === 1);
});

test('hang-up: a socket pair, with data that nobody read', async () => {
  const [kept, given] = createSocketPair('seqpacket');
  scope.use(kept);
  writeSync(given.fd, 'unread');
  const counter = countCalls(kept.fd, 'hang-up');
  given[Symbol.dispose]();
  await until(() => counter.calls === 1);
});

test('a watch may be disposed in its own callback, and is not called again', async () => {
  const { read, write } = openPipe();
  let calls = 0;
  const own = scope.use(
    watch(read.fd, 'readable', () => {
      calls++;
      own[Symbol.dispose]();
      own[Symbol.dispose]();
    }),
  );
  writeSync(write.fd, 'never read');
  await until(() => calls > 0);
  await turns(5);
  expect(calls).toBe(1);
  expect(own.closed).toBe(true);
  expect(() => own.ref()).toThrow(/watch for readable of fd \d+: expected it open, it is closed/);
});

test('a callback may dispose the other watches of the same turn', async () => {
  const doorbell = scope.use(createEventfd());
  let calls = 0;
  const watches = Array.from({ length: 4 }, () =>
    scope.use(
      watch(doorbell.fd, 'edge', () => {
        calls++;
        for (const each of watches) each[Symbol.dispose]();
      }),
    ),
  );
  signalEventfd(doorbell.fd);
  await until(() => calls > 0);
  await turns(5);
  expect(calls).toBe(1);
});

test('an exception of the callback is an uncaught one', async () => {
  using peer = startPeer('throwInCallback');
  expect(await peer.said()).toBe('thrown by the callback');
});

test('an unreferenced watch keeps no process alive', async () => {
  using peer = startPeer('unref');
  expect(await peer.said()).toBe('ready');
  expect(await peer.exitCode).toBe(0);
});

test('a descriptor closed before its watch leaves the watch silent and its number reusable', async () => {
  const first = createEventfd();
  const { fd } = first;
  const stale = countCalls(fd, 'readable');
  first[Symbol.dispose]();
  const second = scope.use(createEventfd());
  expect(second.fd).toBe(fd);
  const fresh = countCalls(second.fd, 'edge');
  signalEventfd(second.fd);
  await until(() => fresh.calls === 1);
  stale.watch[Symbol.dispose]();
  expect(stale.calls).toBe(0);
});

test('what cannot be watched is refused and leaves nothing behind', () => {
  const file = scope.use(OwnedFd.own(openSync(import.meta.filename, 'r'), 'file'));
  const before = { fds: countFds(), live: liveResources().length };
  expect(() => watch(file.fd, 'readable', () => {})).toThrow(
    expect.objectContaining({ code: 'EPERM', syscall: 'epoll_ctl' }),
  );
  expect(() => watch(file.fd, 'writable' as WatchMode, () => {})).toThrow(
    /expected readable or hang-up or edge, seen "writable"/,
  );
  expect(() => watch(file.fd, 'edge', 7 as unknown as () => void)).toThrow(
    /expected a function, seen number/,
  );
  expect({ fds: countFds(), live: liveResources().length }).toEqual(before);
});

test('dispose gives the descriptors of a watch back at once', () => {
  const doorbell = scope.use(createEventfd());
  const before = countFds();
  watch(doorbell.fd, 'edge', () => {})[Symbol.dispose]();
  expect(countFds()).toBe(before);
});
