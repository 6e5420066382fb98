/**
 * One test a rule: a good window with one number changed is refused, and the refusal says which and why. Here the
 * descriptor and the JSON form; region records in parse-region.test.ts.
 */
import type { Values } from '@vsoc/struct';
import { beforeEach, describe, expect, test } from 'vitest';
import { goodLayout, goodPage, recordOffset, refusalOf } from '../testing/good-window.js';
import {
  formatWindow,
  hex,
  LayoutError,
  layoutFromJson,
  layoutToJson,
  pageBytes,
  parseWindow,
  vsocDeviceRegion,
  vsocShmLayoutDescriptor,
} from './index.js';

let page0: Uint8Array;
let view: DataView;
beforeEach(() => {
  page0 = goodPage();
  view = new DataView(page0.buffer);
});

type Descriptor = Values<typeof vsocShmLayoutDescriptor>;

function changeDescriptor(changes: Partial<Descriptor>): void {
  vsocShmLayoutDescriptor.write(view, 0, { ...vsocShmLayoutDescriptor.read(view, 0), ...changes });
}

const refusal = (sizeBytes = goodLayout.sizeBytes) => refusalOf(page0, { sizeBytes });

test('what was formatted comes back', () => {
  expect(parseWindow(page0, goodLayout.sizeBytes)).toEqual(goodLayout);
});

test('the rest of the first page is cleared', () => {
  page0.fill(0xff);
  formatWindow(goodLayout, page0);
  expect(page0.subarray(recordOffset(4)).every((byte) => byte === 0)).toBe(true);
});

test('records may lie anywhere in the first page', () => {
  page0.copyWithin(pageBytes - 4 * vsocDeviceRegion.size, recordOffset(0), recordOffset(4));
  changeDescriptor({ vsocRegionDescOffset: pageBytes - 4 * vsocDeviceRegion.size });
  expect(parseWindow(page0, goodLayout.sizeBytes)).toEqual(goodLayout);
});

describe('the descriptor', () => {
  test('of another major version is refused, of a higher minor version accepted', () => {
    changeDescriptor({ minorVersion: 7 });
    expect(parseWindow(page0, goodLayout.sizeBytes).minorVersion).toBe(7);
    changeDescriptor({ majorVersion: 1 });
    expect(refusal()).toBe('EINVAL: parseWindow: major_version: expected 2, saw 1');
  });

  test("must state the window's real size", () => {
    expect(refusal(2 * goodLayout.sizeBytes)).toContain(
      "size: expected the window's real size, 0x20000, saw 0x10000",
    );
  });

  test.each([96 * 1024, 32 * 1024, 2 ** 32 - pageBytes])('must not state a size of %i', (size) => {
    changeDescriptor({ size });
    expect(refusal(size)).toContain(
      `size: expected a power of two from 0x10000 to 0x80000000, saw ${hex(size)}`,
    );
  });

  test.each([0, 69, 0xffff_ffff])('must not count %i regions', (regionCount) => {
    changeDescriptor({ regionCount });
    expect(refusal()).toContain(`region_count: expected 1 to 68, saw ${regionCount}`);
  });

  test('must have 4-aligned records', () => {
    changeDescriptor({ vsocRegionDescOffset: 18 });
    expect(refusal()).toContain('vsoc_region_desc_offset: expected a 4-aligned offset, saw 0x12');
  });

  test('must not overlap the records', () => {
    changeDescriptor({ vsocRegionDescOffset: 12 });
    expect(refusal()).toContain(
      'vsoc_region_desc_offset: expected at least 0x10, behind the descriptor, saw 0xc',
    );
  });

  test.each([pageBytes - 4 * vsocDeviceRegion.size + 4, 0xffff_fffc])(
    'must not have records at %i',
    (offset) => {
      changeDescriptor({ vsocRegionDescOffset: offset });
      const seen = `saw 4 records from ${hex(offset)} to ${hex(offset + 240)}`;
      expect(refusal()).toContain(`region records: expected to end inside the first page (0x1000), ${seen}`);
    },
  );

  test('must come with the whole first page', () => {
    page0 = page0.subarray(0, 4095);
    expect(refusal()).toContain('the first page: expected 4096 bytes, saw 4095');
  });
});

describe('a layout as JSON', () => {
  test('comes back equal', () => {
    expect(layoutFromJson(layoutToJson(goodLayout))).toEqual(goodLayout);
  });

  test.each([
    ['no JSON', '{', 'not a layout: '],
    ['another value', 'null', 'not a layout: '],
    ['no regions', '{"sizeBytes": 65536}', 'not a layout: '],
    [
      'a missing number',
      layoutToJson(goodLayout).replace('"dataOffset"', '"dataOfset"'),
      'offsetOfRegionData: expected an integer',
    ],
    [
      'a text for a number',
      layoutToJson(goodLayout).replace('"managedBy": 1', '"managedBy": "1"'),
      'managedBy: expected an integer',
    ],
    [
      'a rule broken',
      layoutToJson(goodLayout).replace('"managedBy": 1', '"managedBy": 2'),
      'a region that is not managed itself',
    ],
    [
      'an index out of order',
      layoutToJson(goodLayout).replace('"index": 1', '"index": 2'),
      'expected index 1, saw 2',
    ],
  ])('is refused with %s', (_, text, message) => {
    expect(() => layoutFromJson(text)).toThrow(LayoutError);
    expect(() => layoutFromJson(text)).toThrow(message);
  });
});
