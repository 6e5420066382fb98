/** Declarations: what they derive, and what they refuse on their own. */
import { readFileSync } from 'node:fs';
import type { StructType } from '@vsoc/struct';
import { array, atomicU32, bytes, struct, u32 } from '@vsoc/struct';
import { describe, expect, test } from 'vitest';
import {
  defineRegion,
  findRegion,
  LayoutError,
  planWindow,
  type RegionOptions,
  regionTable,
  signallableWords,
  system,
  tailOf,
} from './index.js';

const doc = 'x';
const version = { current: 1, minCompatible: 1 };
const entry = struct('entry', 'Entry.', {
  owner: atomicU32({ doc }),
  wake: atomicU32({ doc, signalledBy: 'guest' }),
});
const data = struct('data', 'Data.', {
  count: u32({ doc }),
  ready: atomicU32({ doc, signalledBy: 'both' }),
  entries: array(entry, 2, { doc }),
});

test('sizes follow from data and tail; the tail begins on a line of its own', () => {
  const plain = defineRegion({ name: 'plain', version, doc, data });
  expect(plain).toMatchObject({ dataBytes: 24, tailOffset: 24, minimumBytes: 24 });
  const ring = defineRegion({ name: 'ring', version, doc, data, tail: bytes('ring', { log2Size: 10, doc }) });
  expect(ring).toMatchObject({ dataBytes: 24, tailOffset: 128, minimumBytes: 128 + 1024 });
});

test('a region may be nothing but its tail', () => {
  const area = bytes('buffers', { sizeBytes: 4096, doc });
  const memory = defineRegion({ name: 'memory', version, doc, managedBy: 'manager', tail: area });
  expect(memory).toMatchObject({ dataBytes: 0, tailOffset: 0, minimumBytes: 4096, managedBy: 'manager' });
  expect(signallableWords(memory)).toEqual([]);
});

test('signallable words are listed with region offsets, inside arrays too', () => {
  const definition = defineRegion({ name: 'words', version, doc, data });
  const region = findRegion(planWindow([system, definition]), 'words');
  const { dataOffset } = region;
  expect(signallableWords(definition, region)).toEqual([
    { path: 'ready', offset: dataOffset + 4, signalledBy: 'both' },
    { path: 'entries[0].wake', offset: dataOffset + 12, signalledBy: 'guest' },
    { path: 'entries[1].wake', offset: dataOffset + 20, signalledBy: 'guest' },
  ]);
});

describe('defineRegion refuses', () => {
  const good: RegionOptions<StructType> = { name: 'good', version, doc, data };
  test.each<[string, Partial<RegionOptions<StructType>>, string]>([
    ['an empty name', { name: '' }, 'region: expected a name of 1 to 15 bytes of [a-z0-9_], saw ""'],
    ['a name of 16 bytes', { name: 'a234567890123456' }, 'saw "a234567890123456"'],
    ['a name with capitals', { name: 'Audio' }, 'saw "Audio"'],
    ['a name with a newline', { name: 'a\n' }, 'saw "a\\n"'],
    ['a bad manager name', { managedBy: 'a/b' }, 'region good, managedBy: expected a name of 1 to 15 bytes'],
    ['managing itself', { managedBy: 'good' }, 'region good cannot manage itself'],
    ['an empty doc', { doc: '  ' }, 'region good: expected a doc'],
    [
      'a version beyond 16 bits',
      { version: { current: 65536, minCompatible: 1 } },
      'current version from 0 to 65535, saw 65536',
    ],
    [
      'a fractional version',
      { version: { current: 1, minCompatible: 0.5 } },
      'minCompatible version from 0 to 65535, saw 0.5',
    ],
    [
      'a lowest version above the current one',
      { version: { current: 1, minCompatible: 2 } },
      'expected a lowest compatible version that is not above the current one, 1, saw 2',
    ],
  ])('%s', (_, wrong, message) => {
    const define = () => defineRegion({ ...good, ...wrong });
    expect(define).toThrow(LayoutError);
    expect(define).toThrow(message);
  });
});

describe('tailOf', () => {
  const ring = defineRegion({ name: 'ring', version, doc, data, tail: bytes('ring', { log2Size: 10, doc }) });
  const area = defineRegion({
    name: 'area',
    version,
    doc,
    data,
    tail: bytes('area', { sizeBytes: 100, doc }),
  });
  const layout = planWindow([system, ring, area], { tailBytes: { area: 10_000 } });

  test('gives a power of two as declared and anything else up to the end of the region', () => {
    const ringRegion = findRegion(layout, 'ring');
    expect(tailOf(ring, ringRegion)).toEqual({ offset: ringRegion.dataOffset + 128, sizeBytes: 1024 });
    const areaRegion = findRegion(layout, 'area');
    const place = tailOf(area, areaRegion);
    expect(place.sizeBytes).toBeGreaterThanOrEqual(10_000);
    expect(areaRegion.beginOffset + place.offset + place.sizeBytes).toBe(areaRegion.endOffset);
  });

  test('refuses a region that is too small for it, and a definition without one', () => {
    const large = defineRegion({
      name: 'ring',
      version,
      doc,
      data,
      tail: bytes('ring', { log2Size: 13, doc }),
    });
    expect(() => tailOf(large, findRegion(layout, 'ring'))).toThrow(
      'region ring: expected 8192 bytes of ring, saw',
    );
    expect(() => tailOf(system, findRegion(layout, 'system'))).toThrow('region system has no tail');
  });
});

test('a region that is not there is reported with those that are', () => {
  const find = () => findRegion(planWindow([system]), 'audio');
  expect(find).toThrow('ENOENT: open: no region is called "audio"; there are: system');
});

test('the table shows the tail behind the fields', () => {
  const ring = defineRegion({
    name: 'r',
    version,
    doc,
    data,
    tail: bytes('ring', { log2Size: 10, doc: 'samples' }),
  });
  expect(regionTable(ring).trimEnd().split('\n').at(-1)).toBe(
    '| 0x80 | 1024 | `ring` | bytes | B | samples |',
  );
});

test('the system region is the released one: to change it, raise its version and this golden file', () => {
  const golden = readFileSync(new URL('../../test/golden/system.md', import.meta.url), 'utf8');
  const { current, minCompatible } = system.version;
  expect(
    `${system.name} version ${current}, compatible down to ${minCompatible}\n\n${regionTable(system)}`,
  ).toBe(golden);
});
