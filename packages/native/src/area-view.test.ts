import { readSync, writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { addon } from './addon.js';
import { viewArea } from './area-view.js';
import { createSealedMemfd } from './memfd.js';
import { isMapped } from './testing/proc.js';
import { mapWindow } from './window-mapping.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const place = { offsetBytes: 0x1000, lengthBytes: 0x2000 };
const windowBytes = 0x1_0000;

test('an area shows the window from its offset, both ways, and the file behind it', () => {
  using memfd = createSealedMemfd('area-both', windowBytes);
  using window = mapWindow(memfd.fd, windowBytes);
  using area = viewArea(window.buffer, place);
  const all = new Uint8Array(window.buffer);
  expect(area.bytes.length).toBe(0x2000);
  area.bytes[1] = 5;
  expect(all[0x1001]).toBe(5);
  const inFile = new Uint8Array(1);
  readSync(memfd.fd, inFile, 0, 1, 0x1001);
  expect(inFile[0]).toBe(5);
  writeSync(memfd.fd, Uint8Array.of(6), 0, 1, 0x2fff);
  expect(area.bytes[0x1fff]).toBe(6);
});

test('dispose detaches kept arrays, and twice is nothing; the window goes on', () => {
  using memfd = createSealedMemfd('area-gone', windowBytes);
  using window = mapWindow(memfd.fd, windowBytes);
  const area = viewArea(window.buffer, place);
  const kept = area.bytes;
  const keptView = new DataView(kept.buffer);
  kept[0] = 9;
  area[Symbol.dispose]();
  area[Symbol.dispose]();
  expect(area.closed).toBe(true);
  expect(() => area.bytes).toThrow(/expected it open, it is closed/);
  expect(kept.length).toBe(0);
  expect(kept[0]).toBeUndefined();
  expect(() => keptView.getUint8(0)).toThrow(TypeError);
  expect(new Uint8Array(window.buffer)[0x1000]).toBe(9);
});

test('many views of one area, one after the other and at once, survive each other and the collector', async () => {
  using memfd = createSealedMemfd('area-many', windowBytes);
  using window = mapWindow(memfd.fd, windowBytes);
  using first = viewArea(window.buffer, place);
  for (let turn = 0; turn < 50; turn++) viewArea(window.buffer, place)[Symbol.dispose]();
  using second = viewArea(window.buffer, place);
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  first.bytes[0] = 3;
  expect(second.bytes[0]).toBe(3);
});

test('an array keeps its window although all else was dropped', async () => {
  using memfd = createSealedMemfd('area-kept', windowBytes);
  // Nothing is disposed: what leaks must still not be a hole that somebody falls into.
  const kept = (() => viewArea(mapWindow(memfd.fd, windowBytes).buffer, place).bytes)();
  for (let turn = 0; turn < 5; turn++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(isMapped('memfd:area-kept')).toBe(true);
  kept[0] = 4;
  expect(kept[0]).toBe(4);
});

test('the addon refuses to detach twice', () => {
  using memfd = createSealedMemfd('area-twice', windowBytes);
  using window = mapWindow(memfd.fd, windowBytes);
  const buffer = addon.viewArea(new Uint8Array(window.buffer, 0, 0x1000));
  addon.detachArea(buffer);
  expect(() => addon.detachArea(buffer)).toThrow(/detached already/);
});

test.each([
  [0xf000, 0x1001],
  [-1, 2],
  [0, 0],
  [0.5, 1],
  [0x2_0000, 1],
])('a place at %d of %d bytes is refused', (offsetBytes, lengthBytes) => {
  using memfd = createSealedMemfd('area-refused', windowBytes);
  using window = mapWindow(memfd.fd, windowBytes);
  expect(() => viewArea(window.buffer, { offsetBytes, lengthBytes })).toThrow(
    `expected an area inside the window's 65536 bytes, seen ${lengthBytes} bytes at ${offsetBytes}`,
  );
});
