/** Pictures that no buffer can have: refused by name where somebody asks, not believed where the table says so. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BufferShape,
  maxSidePx,
  type PixelFormat,
  pixelFormat,
  type RowMetadata,
  shapeOf,
  shapeOfRow,
} from './formats.js';

const { blob, ycbcr420888, yv12, ...packed } = pixelFormat;
const formats = Object.values(pixelFormat);
const noSides = [0, -1, -2, 1.5, maxSidePx + 1, maxSidePx + 2, 2 ** 31, 2 ** 32 - 2, Infinity, Number.NaN];

describe('a side is refused by name', () => {
  const sided = formats.filter((format) => format !== blob);
  test.each(sided.flatMap((format) => noSides.map((px) => [format, px] as const)))(
    'format %i, %d px',
    (format, px) => {
      const text = `of a buffer is 1 to 16384 px, not ${px}`;
      expect(() => shapeOf(format, px, 2)).toThrow(new RangeError(`width ${text}`));
      expect(() => shapeOf(format, 2, px)).toThrow(new RangeError(`height ${text}`));
    },
  );

  test.each([
    [ycbcr420888, 'YCbCr_420_888'],
    [yv12, 'YV12'],
  ])('format %i with an odd one', (format, name) => {
    for (const px of [1, 3, 16_383]) {
      expect(() => shapeOf(format, px, 2)).toThrow(`width of a ${name} buffer is even, not ${px}`);
      expect(() => shapeOf(format, 2, px)).toThrow(`height of a ${name} buffer is even, not ${px}`);
    }
  });

  test('odd ones of packed formats are none of these', () => {
    for (const format of Object.values(packed)) expect(shapeOf(format, 1, 16_383).planes).toHaveLength(1);
  });

  test.each([0, -1, 1.5, 2 ** 31 + 1, 2 ** 32 - 1, Infinity, Number.NaN])('a BLOB of %d bytes', (bytes) => {
    expect(() => shapeOf(blob, bytes, 1)).toThrow(`a BLOB has 1 to 2147483648 bytes, not ${bytes}`);
  });

  test.each([0, 2, -1, 1.5, Number.NaN])('a BLOB of %d lines', (lines) => {
    expect(() => shapeOf(blob, 8, lines)).toThrow(`height of a BLOB is 1, not ${lines}`);
  });
});

/** What shapeOf gives; undefined where it gives nothing. */
function given({ format, widthPx, heightPx }: RowMetadata): BufferShape | undefined {
  if (!formats.some((one) => one === format)) return undefined;
  try {
    return shapeOf(format as PixelFormat, widthPx, heightPx);
  } catch {
    return undefined;
  }
}

/** Mostly this one: of several wrong numbers only the first would be looked at. */
const mostly = <T>(usual: fc.Arbitrary<T>, ...others: fc.Arbitrary<T>[]) =>
  fc.oneof({ arbitrary: usual, weight: 5 * others.length }, ...others);

const row = fc
  .record({
    format: mostly(fc.constantFrom<number>(...formats), fc.integer({ min: 0, max: 40 }), fc.nat(2 ** 32 - 1)),
    widthPx: mostly(
      fc.integer({ min: 1, max: 200 }),
      fc.constantFrom(0, 16_384, 16_385, 2 ** 31, 2 ** 32 - 1),
    ),
    heightPx: mostly(fc.integer({ min: 1, max: 200 }), fc.constantFrom(0, 1, 16_385, 2 ** 32 - 1)),
    strideOff: mostly(fc.constant(0), fc.constantFrom(-64, -16, -1, 1, 16, 64, 192)),
    spareBytes: mostly(fc.constant(0), fc.constantFrom(-4096, -1), fc.constantFrom(1, 4096)),
  })
  .map(({ strideOff, spareBytes, ...sides }) => {
    const shape = given({ ...sides, strideBytes: 0 });
    const strideBytes = (shape?.strideBytes ?? 64) + strideOff;
    return { row: { ...sides, strideBytes }, areaBytes: (shape?.sizeBytes ?? 4096) + spareBytes };
  });

test('a row is believed exactly where shapeOf gives its stride, and a size that the area holds', () => {
  let believed = 0;
  let refused = 0;
  const property = fc.property(row, ({ row, areaBytes }) => {
    const shape = given(row);
    const isSound = shape?.strideBytes === row.strideBytes && shape.sizeBytes <= areaBytes;
    expect(shapeOfRow(row, areaBytes)).toEqual(isSound ? shape : undefined);
    if (isSound) believed++;
    else refused++;
  });
  fc.assert(property, { numRuns: 5000 });
  expect(Math.min(believed, refused)).toBeGreaterThan(500);
});

test('a row is refused for each of its numbers alone', () => {
  const sound = { format: yv12, widthPx: 34, heightPx: 4, strideBytes: 48 };
  expect(shapeOfRow(sound, 4096)?.sizeBytes).toBe(320);
  expect(shapeOfRow(sound, 320)?.sizeBytes).toBe(320);
  expect(shapeOfRow(sound, 319)).toBeUndefined();
  for (const wrong of [
    { format: 0 },
    { format: ycbcr420888 },
    { widthPx: 33 },
    { widthPx: 50 },
    { widthPx: 0 },
    { heightPx: 3 },
    { heightPx: 16_386 },
    { strideBytes: 32 },
    { strideBytes: 64 },
    { strideBytes: 0 },
  ]) {
    expect(shapeOfRow({ ...sound, ...wrong }, 4096), JSON.stringify(wrong)).toBeUndefined();
  }
});
