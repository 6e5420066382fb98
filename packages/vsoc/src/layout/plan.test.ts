/** Where the planner puts things, and what it refuses to plan. */
import { array, atomicU32, bytes, type Signaller, struct } from '@vsoc/struct';
import { describe, expect, test } from 'vitest';
import {
  defineRegion,
  findRegion,
  LayoutError,
  lineBytes,
  type PlanOptions,
  pageBytes,
  planWindow,
  type RegionDefinition,
  system,
} from './index.js';

const doc = 'x';
const version = { current: 3, minCompatible: 2 };

function region(
  name: string,
  more: { managedBy?: string; words?: number; by?: Signaller; sizeBytes?: number } = {},
) {
  const { managedBy, words = 1, by = 'guest', sizeBytes } = more;
  return defineRegion({
    name,
    version,
    doc,
    data: struct(`${name}_data`, doc, { words: array(atomicU32({ doc, signalledBy: by }), words, { doc }) }),
    ...(managedBy === undefined ? {} : { managedBy }),
    ...(sizeBytes === undefined ? {} : { tail: bytes('tail', { sizeBytes, doc }) }),
  });
}

describe('planWindow', () => {
  const definitions = [
    system,
    region('manager', { words: 100 }),
    region('memory', { managedBy: 'manager', sizeBytes: 3 * pageBytes }),
    region('plain', { words: 9, by: 'host' }),
  ];
  const layout = planWindow(definitions);

  test('keeps the order of declaration and names managers by index', () => {
    expect(layout.regions.map(({ index, name, managedBy }) => [index, name, managedBy])).toEqual([
      [0, 'system', 0],
      [1, 'manager', 0],
      [2, 'memory', 1],
      [3, 'plain', 0],
    ]);
    expect(findRegion(layout, 'plain')).toMatchObject({ currentVersion: 3, minCompatibleVersion: 2 });
  });

  test('lets regions follow each other behind the first page, all of them page-aligned', () => {
    let end = pageBytes;
    for (const { beginOffset, endOffset } of layout.regions) {
      expect([beginOffset, endOffset % pageBytes]).toEqual([end, 0]);
      end = endOffset;
    }
  });

  test('gives every interrupt word a line of its own', () => {
    for (const { guestToHost, hostToGuest, dataOffset } of layout.regions) {
      const starts = [guestToHost.interruptOffset, hostToGuest.interruptOffset];
      const others = [guestToHost.slotsOffset, hostToGuest.slotsOffset, dataOffset];
      expect(new Set([...starts, ...others].map((offset) => Math.floor(offset / lineBytes))).size).toBe(5);
      expect([...starts, ...others].every((offset) => offset % lineBytes === 0)).toBe(true);
    }
  });

  test('has at least four slots for each word that a side may signal, and 16', () => {
    const slots = layout.regions.map(({ guestToHost, hostToGuest }) => [
      2 ** guestToHost.slotCountLog2,
      2 ** hostToGuest.slotCountLog2,
    ]);
    expect(slots).toEqual([
      [16, 16],
      [512, 16],
      [16, 16],
      [16, 64],
    ]);
    const both = planWindow([region('both', { words: 256, by: 'both' })]).regions[0];
    expect([both?.guestToHost.slotCountLog2, both?.hostToGuest.slotCountLog2]).toEqual([10, 10]);
  });

  test('puts the data of managers and managed regions on pages of their own', () => {
    expect(layout.regions.map(({ dataOffset }) => dataOffset % pageBytes === 0)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('takes the smallest window that holds all, 64 KiB at least, unless told', () => {
    expect(layout.sizeBytes).toBe(64 * 1024);
    expect(planWindow([system, region('big', { sizeBytes: 64 * 1024 })]).sizeBytes).toBe(128 * 1024);
    expect(planWindow([system], { sizeBytes: 2 ** 31 }).sizeBytes).toBe(2 ** 31);
  });

  test('makes a tail as large as asked', () => {
    const { regions } = planWindow(definitions, { tailBytes: { memory: 2 ** 20 } });
    const memory = regions[2];
    expect(memory && memory.endOffset - memory.beginOffset - memory.dataOffset).toBe(2 ** 20 + pageBytes);
  });
});

describe('planWindow refuses', () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => region(`r${i}`));
  const ring = defineRegion({ name: 'ring', version, doc, tail: bytes('ring', { log2Size: 12, doc }) });
  test.each<[string, readonly RegionDefinition[], PlanOptions, string]>([
    ['no region', [], {}, 'expected 1 to 68 regions, saw 0'],
    ['69 regions', many(69), {}, 'expected 1 to 68 regions, saw 69'],
    ['a name twice', [system, region('a'), region('a')], {}, 'region 2: another region is called a already'],
    [
      'a name that was not checked before',
      [{ ...system, name: 'Sys' }],
      {},
      'region 0: expected a name of 1 to 15 bytes',
    ],
    [
      'an unknown manager',
      [system, region('a', { managedBy: 'b' })],
      {},
      'region a is managed by b, which is not among the regions',
    ],
    [
      'a managed manager',
      [system, region('a'), region('b', { managedBy: 'a' }), region('c', { managedBy: 'b' })],
      {},
      'region c is managed by b, which is itself managed by a: a manager must not be managed',
    ],
    [
      'region 0 as a manager, and says what to do',
      [region('a'), region('b', { managedBy: 'a' })],
      {},
      'region b is managed by a, which is region 0: index 0 in managed_by means "not managed", so region 0 can ' +
        'never be a manager. Declare another region first (usually `system`)',
    ],
    [
      '257 signallable words',
      [region('a', { words: 257 })],
      {},
      'region a: expected at most 256 words that the guest may signal, saw 257',
    ],
    [
      'a window that is no power of two',
      [system],
      { sizeBytes: 100_000 },
      'power of two from 0x10000 to 0x80000000 bytes, saw 0x186a0',
    ],
    ['a window below 64 KiB', [system], { sizeBytes: 32_768 }, 'saw 0x8000'],
    ['a window above 2 GiB', [system], { sizeBytes: 2 ** 32 }, 'saw 0x100000000'],
    [
      'more than fits 2 GiB',
      [system, region('a', { sizeBytes: 2 ** 31 })],
      {},
      'saw 0x100000000 (the regions take 0x80003000)',
    ],
    [
      'more than fits the size given',
      [system, region('a', { sizeBytes: 65_536 })],
      { sizeBytes: 65_536 },
      "expected regions of at most 0x10000 bytes, the window's size, saw 0x13000",
    ],
    [
      'a tail of a region that is not there',
      [system],
      { tailBytes: { a: 1 } },
      'tailBytes names "a", which is not among the regions',
    ],
    [
      'a tail that was not declared',
      [system],
      { tailBytes: { system: 1 } },
      'tailBytes names region system, which declares no tail',
    ],
    [
      'a tail smaller than declared',
      [region('a', { sizeBytes: 10 })],
      { tailBytes: { a: 9 } },
      'tailBytes of region a: expected 10 to 2147483648 bytes, saw 9',
    ],
    [
      'another size for a power of two',
      [ring],
      { tailBytes: { ring: 8192 } },
      'tailBytes of region ring: expected 4096 to 4096 bytes, saw 8192',
    ],
  ])('%s', (_, definitions, options, message) => {
    const plan = () => planWindow(definitions, options);
    expect(plan).toThrow(LayoutError);
    expect(plan).toThrow(message);
  });
});
