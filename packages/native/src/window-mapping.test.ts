import { once } from 'node:events';
import { readSync } from 'node:fs';
import { expect, test } from 'vitest';
import { futexWake } from './futex.js';
import { createSealedMemfd } from './memfd.js';
import { liveResources } from './resources.js';
import { startPeer } from './testing/peer.js';
import { isMapped } from './testing/proc.js';
import { startWorker } from './testing/worker.js';
import { mapWindow } from './window-mapping.js';

const sizeBytes = 0x2_0000;

test('adds of two processes on one word are exact', async () => {
  const adds = 100_000;
  using memfd = createSealedMemfd('window-exact', sizeBytes);
  using window = mapWindow(memfd.fd, sizeBytes);
  const words = new Int32Array(window.buffer);
  using peer = startPeer('add', { args: [String(adds)], fds: [memfd.fd] });
  await peer.said();
  Atomics.store(words, 0, 1);
  futexWake(words, 0);
  for (let turn = 0; turn < adds; turn++) Atomics.add(words, 1, 1);
  expect(await peer.exitCode).toBe(0);
  expect(Atomics.load(words, 1)).toBe(2 * adds);
});

test('the buffer is shared with a Worker, not copied', async () => {
  using memfd = createSealedMemfd('window-worker', sizeBytes);
  using window = mapWindow(memfd.fd, sizeBytes);
  const adds = 10_000;
  const worker = startWorker('add', { buffer: window.buffer, count: adds });
  const words = new Int32Array(window.buffer);
  for (let turn = 0; turn < adds; turn++) Atomics.add(words, 0, 1);
  await once(worker, 'exit');
  expect(Atomics.load(words, 0)).toBe(2 * adds);
});

test('the buffer is a true SharedArrayBuffer of the whole size, and the memfd may be closed', () => {
  const memfd = createSealedMemfd('window-kept', sizeBytes);
  using window = mapWindow(memfd.fd, sizeBytes);
  memfd[Symbol.dispose]();
  expect(window.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(window.buffer.byteLength).toBe(sizeBytes);
  const bytes = new Uint8Array(window.buffer);
  bytes[sizeBytes - 1] = 9;
  expect(bytes[sizeBytes - 1]).toBe(9);
});

test('after dispose the buffer is refused, kept views reach nobody, and twice is nothing', () => {
  using memfd = createSealedMemfd('window-gone', sizeBytes);
  const window = mapWindow(memfd.fd, sizeBytes);
  const kept = new Uint8Array(window.buffer);
  kept[5] = 77;
  expect(isMapped('memfd:window-gone')).toBe(true);
  window[Symbol.dispose]();
  window[Symbol.dispose]();
  expect(window.closed).toBe(true);
  expect(() => window.buffer).toThrow(/expected it open, it is closed/);
  expect(isMapped('memfd:window-gone')).toBe(false);
  expect(kept[5]).toBe(0);
  kept[5] = 1;
  const inFile = new Uint8Array(1);
  readSync(memfd.fd, inFile, 0, 1, 5);
  expect(inFile[0]).toBe(77);
});

test('part of a file can be mapped from a page-aligned offset', () => {
  using memfd = createSealedMemfd('window-part', sizeBytes + 0x1000);
  using whole = mapWindow(memfd.fd, 0x1_0000);
  using part = mapWindow(memfd.fd, sizeBytes, 0x1000);
  new Uint8Array(whole.buffer)[0x1003] = 42;
  expect(new Uint8Array(part.buffer)[3]).toBe(42);
});

test('a size off the 64 KiB grid or beyond the file is refused and leaves nothing behind', () => {
  using memfd = createSealedMemfd('window-refused', sizeBytes);
  const before = liveResources().length;
  expect(() => mapWindow(memfd.fd, 0x1_8000)).toThrow(/multiple of 0x10000, seen 0x18000/);
  expect(() => mapWindow(memfd.fd, 0)).toThrow(/integer from 65536, seen 0/);
  expect(() => mapWindow(memfd.fd, 2 * sizeBytes)).toThrow(/ends at 0x40000, the file at 0x20000/);
  expect(() => mapWindow(memfd.fd, sizeBytes, 0x1000)).toThrow(/ends at 0x21000/);
  expect(liveResources().length).toBe(before);
  expect(isMapped('memfd:window-refused')).toBe(false);
});
