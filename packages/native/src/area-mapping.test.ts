import { readSync, writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { addon } from './addon.js';
import { mapArea } from './area-mapping.js';
import { createSealedMemfd } from './memfd.js';
import { isMapped, residentKib, until } from './testing/proc.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const place = { offsetBytes: 0x1000, lengthBytes: 0x2000 };

test('an area shows the file from its offset, both ways', () => {
  using memfd = createSealedMemfd('area-both', 0x4000);
  using area = mapArea(memfd.fd, place);
  expect(area.bytes.length).toBe(0x2000);
  area.bytes[1] = 5;
  const inFile = new Uint8Array(1);
  readSync(memfd.fd, inFile, 0, 1, 0x1001);
  expect(inFile[0]).toBe(5);
  writeSync(memfd.fd, Uint8Array.of(6), 0, 1, 0x2fff);
  expect(area.bytes[0x1fff]).toBe(6);
});

test('dispose detaches kept arrays, unmaps the pages, and twice is nothing', () => {
  using memfd = createSealedMemfd('area-gone', 0x4000);
  const area = mapArea(memfd.fd, place);
  const kept = area.bytes;
  const keptView = new DataView(kept.buffer);
  area[Symbol.dispose]();
  area[Symbol.dispose]();
  expect(area.closed).toBe(true);
  expect(() => area.bytes).toThrow(/expected it open, it is closed/);
  expect(kept.length).toBe(0);
  expect(kept[0]).toBeUndefined();
  expect(() => keptView.getUint8(0)).toThrow(TypeError);
  expect(isMapped('memfd:area-gone')).toBe(false);
});

test('a populated area has all its pages before the first touch, another none', () => {
  using memfd = createSealedMemfd('area-pages', 0x40_0000);
  using bare = mapArea(memfd.fd, { offsetBytes: 0, lengthBytes: 0x10_0000 });
  using populated = mapArea(memfd.fd, { offsetBytes: 0x20_0000, lengthBytes: 0x10_0000, populate: true });
  expect(bare.bytes.length + populated.bytes.length).toBe(0x20_0000);
  expect(residentKib('memfd:area-pages')).toEqual([0, 1024]);
});

test('the finalizer of a disposed area does not unmap its successor', async () => {
  using memfd = createSealedMemfd('area-successor', 0x4000);
  for (let turn = 0; turn < 50; turn++) mapArea(memfd.fd, place)[Symbol.dispose]();
  using successor = mapArea(memfd.fd, place); // most likely at the address of the last one
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  successor.bytes[0] = 3;
  expect(isMapped('memfd:area-successor')).toBe(true);
});

test('an area that was dropped without dispose is unmapped by the collector', async () => {
  using memfd = createSealedMemfd('area-dropped', 0x4000);
  (() => addon.mapArea(memfd.fd, 0, 0x4000, 0))();
  expect(isMapped('memfd:area-dropped')).toBe(true);
  await until(() => {
    collect();
    return !isMapped('memfd:area-dropped');
  });
});

test('the addon refuses to unmap twice, or what it never mapped', () => {
  using memfd = createSealedMemfd('area-twice', 0x4000);
  const buffer = addon.mapArea(memfd.fd, 0, 0x1000, 0);
  addon.unmapArea(buffer);
  expect(() => addon.unmapArea(buffer)).toThrow(/unmapped already/);
  expect(() => addon.unmapArea(new ArrayBuffer(8))).toThrow('EINVAL');
});

test('a place off the page grid or beyond the file is refused', () => {
  using memfd = createSealedMemfd('area-refused', 0x4000);
  expect(() => mapArea(memfd.fd, { offsetBytes: 0x10, lengthBytes: 0x1000 })).toThrow(
    /multiple of 0x1000, seen 0x10/,
  );
  expect(() => mapArea(memfd.fd, { offsetBytes: 0, lengthBytes: 100 })).toThrow(/length of the area/);
  expect(() => mapArea(memfd.fd, { offsetBytes: 0x4000, lengthBytes: 0x1000 })).toThrow(
    /ends at 0x5000, the file at 0x4000/,
  );
  expect(() => mapArea(memfd.fd, { offsetBytes: -0x1000, lengthBytes: 0x1000 })).toThrow(/seen -4096/);
});
