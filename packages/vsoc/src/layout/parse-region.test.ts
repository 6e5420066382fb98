/** One test a rule for region records; the descriptor's rules are in parse.test.ts. */
import type { Values } from '@vsoc/struct';
import { beforeEach, describe, expect, test } from 'vitest';
import { goodLayout, goodPage, recordOffset, refusalOf } from '../testing/good-window.js';
import { hex, type ParseOptions, pageBytes, vsocDeviceRegion } from './index.js';

const plain = goodLayout.regions[3];
if (plain === undefined) throw new Error('four regions were planned');

let page0: Uint8Array;
let view: DataView;
beforeEach(() => {
  page0 = goodPage();
  view = new DataView(page0.buffer);
});

type Region = Values<typeof vsocDeviceRegion>;

function changeRegion(index: number, change: (region: Region) => Partial<Region>): void {
  const region = vsocDeviceRegion.read(view, recordOffset(index));
  vsocDeviceRegion.write(view, recordOffset(index), { ...region, ...change(region) });
}

const refusal = (options?: ParseOptions) => refusalOf(page0, options);

describe('a region must', () => {
  const { beginOffset: begin, endOffset: end } = plain;
  test.each<[string, Partial<Region>, string]>([
    [
      'begin on a page',
      { regionBeginOffset: begin + 4 },
      `begin: expected a page-aligned offset, saw ${hex(begin + 4)}`,
    ],
    [
      'end on a page',
      { regionEndOffset: end + 4 },
      `end: expected a page-aligned offset, saw ${hex(end + 4)}`,
    ],
    [
      'begin behind the first page',
      { regionBeginOffset: 0 },
      'begin: expected at least 0x1000, behind the first page, saw 0x0',
    ],
    [
      'have bytes',
      { regionEndOffset: begin },
      `end: expected an offset above its begin, ${hex(begin)}, saw ${hex(begin)}`,
    ],
    [
      'not end before it begins',
      { regionEndOffset: begin - pageBytes },
      `end: expected an offset above its begin, ${hex(begin)}, saw`,
    ],
    [
      'end inside the window',
      { regionEndOffset: 0x11000 },
      "end: expected at most 0x10000, the window's end, saw 0x11000",
    ],
    [
      'end inside the window without a wrap',
      { regionEndOffset: 0xffff_f000 },
      "end: expected at most 0x10000, the window's end, saw 0xfffff000",
    ],
    [
      'have its data inside',
      { offsetOfRegionData: 0x2000 },
      "data: expected an offset of at most 0x1000, the region's size, saw 0x2000",
    ],
    ['have aligned data', { offsetOfRegionData: 514 }, 'data: expected a 4-aligned offset, saw 0x202'],
    [
      'have a lowest version not above its own',
      { minCompatibleVersion: 3 },
      'expected a lowest compatible version that is not above the current one, 2, saw 3',
    ],
    [
      'be managed by one that exists',
      { managedBy: 4 },
      'managed_by: expected the index of a region, less than 4, saw 4',
    ],
    [
      'be managed by one that is not managed',
      { managedBy: 2 },
      'managed_by: expected a region that is not managed itself, saw 2 (memory), managed by 1',
    ],
    [
      'not manage itself',
      { managedBy: 3 },
      'managed_by: expected a region that is not managed itself, saw 3 (plain), managed by 3',
    ],
  ])('%s', (_, change, message) => {
    changeRegion(3, () => change);
    expect(refusal()).toContain('region 3 (plain)');
    expect(refusal()).toContain(message);
  });

  test('not overlap another one', () => {
    const manager = goodLayout.regions[1];
    changeRegion(3, () => ({
      regionBeginOffset: manager?.beginOffset ?? 0,
      regionEndOffset: manager?.endOffset ?? 0,
    }));
    expect(refusal()).toMatch(
      /region 3 \(plain\): expected no overlap with region 1 \(manager\) at 0x2000–0x\w+, saw 0x2000–/,
    );
  });

  test('not have the name of another one', () => {
    changeRegion(3, () => ({ deviceName: 'memory' }));
    expect(refusal()).toContain("region 3, device_name: expected a name other than region 2's, saw memory");
  });

  test.each([
    ['an empty one', ''],
    ['one with a slash', '../plain'],
    ['one with capitals', 'Plain'],
    ['one with a NUL missing', 'plain_plain_plai'],
    ['one with control characters', 'pl\x1b[in'],
  ])('not have a bad name: %s', (_, name) => {
    const field = recordOffset(3) + 40;
    page0.fill(0, field, field + 16);
    page0.set(
      [...name].map((letter) => letter.charCodeAt(0)),
      field,
    );
    const expected = 'region 3, device_name: expected a name of 1 to 15 bytes of [a-z0-9_], saw';
    expect(refusal()).toContain(`${expected} ${JSON.stringify(name)}`);
  });
});

test("versions are the halves' business when asked for as they are", () => {
  changeRegion(3, () => ({ minCompatibleVersion: 3 }));
  expect(refusal({ versions: 'as-is' })).toBe('accepted');
});

describe.each(['guestToHostSignalTable', 'hostToGuestSignalTable'] as const)('the %s must', (key) => {
  const cName = key === 'guestToHostSignalTable' ? 'guest_to_host' : 'host_to_guest';
  type Table = Region[typeof key];
  const change = (changes: Partial<Table>) =>
    changeRegion(3, (region) => ({ [key]: { ...region[key], ...changes } }));

  test.each<[string, Partial<Table>, string]>([
    ['have at most 2^16 slots', { numNodesLg2: 17 }, ' num_nodes_lg2: expected at most 16, saw 17'],
    ['not have 2^32 slots', { numNodesLg2: 32 }, ' num_nodes_lg2: expected at most 16, saw 32'],
    ['be aligned', { futexUaddrTableOffset: 258 }, ' table: expected a 4-aligned offset, saw 0x102'],
    [
      'have an aligned interrupt word',
      { interruptSignalledOffset: 2 },
      ' interrupt word: expected a 4-aligned offset, saw 0x2',
    ],
    [
      'not wrap',
      { futexUaddrTableOffset: 0xffff_ffc0 },
      ' table: expected an end that fits 32 bits, saw 0xffffffc0–0x100000000, which wraps',
    ],
    [
      'not have a wrapping interrupt word',
      { interruptSignalledOffset: 0xffff_fffc },
      ' interrupt word: expected an end that fits 32 bits',
    ],
    [
      'lie inside the region',
      { futexUaddrTableOffset: 0xfd0 },
      ' table: expected to lie inside the region (0x1000 bytes), saw 0xfd0–0x1010',
    ],
    [
      'have its interrupt word inside the region',
      { interruptSignalledOffset: 0x1000 },
      ' interrupt word: expected to lie inside the region',
    ],
    [
      'lie in front of the data',
      { futexUaddrTableOffset: plain.dataOffset - 4 },
      ` table: expected to lie in front of the data at ${hex(plain.dataOffset)}`,
    ],
    [
      'have its interrupt word in front of the data',
      { interruptSignalledOffset: plain.dataOffset },
      ' interrupt word: expected to lie in front of the data',
    ],
  ])('%s', (_, changes, message) => {
    change(changes);
    expect(refusal()).toContain(`region 3 (plain), ${cName}${message}`);
  });

  test('not overlap its own interrupt word', () => {
    changeRegion(3, (region) => ({
      [key]: { ...region[key], interruptSignalledOffset: region[key].futexUaddrTableOffset + 4 },
    }));
    expect(refusal()).toContain(
      `${cName} interrupt word: expected no overlap with region 3 (plain), ${cName} table at`,
    );
  });
});

test('the two tables and their interrupt words must not overlap', () => {
  changeRegion(3, (region) => ({ hostToGuestSignalTable: region.guestToHostSignalTable }));
  expect(refusal()).toMatch(
    /region 3 \(plain\), host_to_guest interrupt word: expected no overlap with region 3 \(plain\), guest_to_host/,
  );
});
