/**
 * Where the samples of a picture lie, against numbers worked out by hand, against the formulas that Android publishes for
 * YV12, and by walking every sample of small pictures. Nothing here rounds the way formats.ts does.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatName,
  isPixelFormat,
  maxBlobBytes,
  maxSidePx,
  type PixelFormat,
  pixelFormat,
  planesOf,
  shapeOf,
} from './formats.js';

const { rgba8888, rgbx8888, rgb888, rgb565, bgra8888, blob, ycbcr420888, yv12 } = pixelFormat;

/** What a line must begin on, the bytes of a sample, and the bytes of the first line's begin that belong to others. */
const rules: Record<PixelFormat, { lineBytes: number; sampleBytes: number; places: Record<string, number> }> =
  {
    [rgba8888]: { lineBytes: 64, sampleBytes: 4, places: { RGBA: 0 } },
    [rgbx8888]: { lineBytes: 64, sampleBytes: 4, places: { RGBX: 0 } },
    [rgb888]: { lineBytes: 192, sampleBytes: 3, places: { RGB: 0 } },
    [rgb565]: { lineBytes: 64, sampleBytes: 2, places: { RGB: 0 } },
    [bgra8888]: { lineBytes: 64, sampleBytes: 4, places: { BGRA: 0 } },
    [blob]: { lineBytes: 1, sampleBytes: 1, places: { bytes: 0 } },
    [ycbcr420888]: { lineBytes: 64, sampleBytes: 1, places: { Y: 0, Cb: 0, Cr: 1 } },
    [yv12]: { lineBytes: 16, sampleBytes: 1, places: { Y: 0, Cr: 0, Cb: 0 } },
  };
const formats = Object.keys(rules).map(Number) as PixelFormat[];
const isSubsampled = (format: PixelFormat) => format === ycbcr420888 || format === yv12;

type PlaneRow = readonly [string, number, number, number, number, number, number];

/** Width, height, stride, size; then each plane's name, offset, stride, step, columns, lines, size. */
test.each<[PixelFormat, number, number, number, number, readonly PlaneRow[]]>([
  [rgba8888, 1, 1, 64, 64, [['RGBA', 0, 64, 4, 1, 1, 64]]],
  [rgba8888, 16, 3, 64, 192, [['RGBA', 0, 64, 4, 16, 3, 192]]],
  [rgba8888, 17, 3, 128, 384, [['RGBA', 0, 128, 4, 17, 3, 384]]],
  [rgba8888, 1280, 720, 5120, 3_686_400, [['RGBA', 0, 5120, 4, 1280, 720, 3_686_400]]],
  [rgba8888, 16_384, 16_384, 65_536, 2 ** 30, [['RGBA', 0, 65_536, 4, 16_384, 16_384, 2 ** 30]]],
  [rgbx8888, 1366, 768, 5504, 4_227_072, [['RGBX', 0, 5504, 4, 1366, 768, 4_227_072]]],
  [bgra8888, 33, 2, 192, 384, [['BGRA', 0, 192, 4, 33, 2, 384]]],
  [rgb888, 1, 1, 192, 192, [['RGB', 0, 192, 3, 1, 1, 192]]],
  [rgb888, 64, 2, 192, 384, [['RGB', 0, 192, 3, 64, 2, 384]]],
  [rgb888, 65, 2, 384, 768, [['RGB', 0, 384, 3, 65, 2, 768]]],
  [rgb888, 1920, 1080, 5760, 6_220_800, [['RGB', 0, 5760, 3, 1920, 1080, 6_220_800]]],
  [rgb565, 32, 1, 64, 64, [['RGB', 0, 64, 2, 32, 1, 64]]],
  [rgb565, 33, 2, 128, 256, [['RGB', 0, 128, 2, 33, 2, 256]]],
  [rgb565, 1080, 1920, 2176, 4_177_920, [['RGB', 0, 2176, 2, 1080, 1920, 4_177_920]]],
  [blob, 1, 1, 1, 1, [['bytes', 0, 1, 1, 1, 1, 1]]],
  [blob, 4097, 1, 4097, 4097, [['bytes', 0, 4097, 1, 4097, 1, 4097]]],
  [blob, 2 ** 31, 1, 2 ** 31, 2 ** 31, [['bytes', 0, 2 ** 31, 1, 2 ** 31, 1, 2 ** 31]]],
  [
    ycbcr420888,
    2,
    2,
    64,
    192,
    [
      ['Y', 0, 64, 1, 2, 2, 128],
      ['Cb', 128, 64, 2, 1, 1, 64],
      ['Cr', 129, 64, 2, 1, 1, 63],
    ],
  ],
  [
    ycbcr420888,
    130,
    6,
    192,
    1728,
    [
      ['Y', 0, 192, 1, 130, 6, 1152],
      ['Cb', 1152, 192, 2, 65, 3, 576],
      ['Cr', 1153, 192, 2, 65, 3, 575],
    ],
  ],
  [
    ycbcr420888,
    1920,
    1080,
    1920,
    3_110_400,
    [
      ['Y', 0, 1920, 1, 1920, 1080, 2_073_600],
      ['Cb', 2_073_600, 1920, 2, 960, 540, 1_036_800],
      ['Cr', 2_073_601, 1920, 2, 960, 540, 1_036_799],
    ],
  ],
  [
    yv12,
    2,
    2,
    16,
    64,
    [
      ['Y', 0, 16, 1, 2, 2, 32],
      ['Cr', 32, 16, 1, 1, 1, 16],
      ['Cb', 48, 16, 1, 1, 1, 16],
    ],
  ],
  [
    yv12,
    34,
    4,
    48,
    320,
    [
      ['Y', 0, 48, 1, 34, 4, 192],
      ['Cr', 192, 32, 1, 17, 2, 64],
      ['Cb', 256, 32, 1, 17, 2, 64],
    ],
  ],
  [
    yv12,
    176,
    144,
    176,
    39_168,
    [
      ['Y', 0, 176, 1, 176, 144, 25_344],
      ['Cr', 25_344, 96, 1, 88, 72, 6912],
      ['Cb', 32_256, 96, 1, 88, 72, 6912],
    ],
  ],
])('format %i of %i × %i has a stride of %i and %i bytes', (format, width, height, stride, size, rows) => {
  const planes = rows.map(([name, offsetBytes, strideBytes, stepBytes, columns, lines, sizeBytes]) => ({
    name,
    offsetBytes,
    strideBytes,
    stepBytes,
    columns,
    lines,
    sizeBytes,
  }));
  expect(shapeOf(format, width, height)).toEqual({ strideBytes: stride, sizeBytes: size, planes });
});

describe('YV12', () => {
  /** As documented at android.graphics.ImageFormat.YV12; ALIGN as C has it. */
  function documented(width: number, height: number) {
    const align16 = (value: number) => (value + 15) & ~15;
    const stride = align16(width);
    const cStride = align16(stride / 2);
    const ySize = stride * height;
    const cSize = (cStride * height) / 2;
    return [stride, ySize + cSize * 2, 0, stride, ySize, cStride, ySize + cSize, cStride];
  }
  function ours(width: number, height: number) {
    const { strideBytes, sizeBytes, planes } = shapeOf(yv12, width, height);
    return [strideBytes, sizeBytes, ...planes.flatMap((plane) => [plane.offsetBytes, plane.strideBytes])];
  }
  const evens = Array.from({ length: maxSidePx / 2 }, (_, index) => 2 * (index + 1));
  const even = fc.constantFrom(...evens);

  test('lies as Android’s documented formulas say, for every even width', () => {
    expect(evens.map((width) => ours(width, 2))).toEqual(evens.map((width) => documented(width, 2)));
  });

  test('and for every even height', () => {
    expect(evens.map((height) => ours(50, height))).toEqual(evens.map((height) => documented(50, height)));
  });

  test('and for both together', () => {
    const property = fc.property(even, even, (width, height) => {
      expect(ours(width, height)).toEqual(documented(width, height));
    });
    fc.assert(property, { numRuns: 1000 });
  });
});

describe.each(formats)('format %i', (format) => {
  const { lineBytes, sampleBytes, places } = rules[format];
  const sideTo = (most: number) => {
    const each = fc.integer({ min: 1, max: most });
    return isSubsampled(format) ? each.map((value) => 2 * Math.ceil(value / 2)) : each;
  };
  const sizeTo = (most: number) =>
    fc.record({ width: sideTo(most), height: format === blob ? fc.constant(1) : sideTo(most) });

  test('every sample has bytes of its own, inside its plane and inside the buffer', () => {
    const property = fc.property(sizeTo(72), ({ width, height }) => {
      const { sizeBytes, planes } = shapeOf(format, width, height);
      const owners = new Uint8Array(sizeBytes);
      let samples = 0;
      for (const { offsetBytes, strideBytes, stepBytes, columns, lines, sizeBytes: planeBytes } of planes) {
        for (let place = 0; place < columns * lines; place++) {
          const line = Math.trunc(place / columns);
          const first = line * strideBytes + (place % columns) * stepBytes;
          if (first + sampleBytes > planeBytes) throw new Error(`sample ${place} is not in its plane`);
          const bytes = owners.subarray(offsetBytes + first).subarray(0, sampleBytes);
          for (const [byte, count] of bytes.entries()) bytes[byte] = count + 1;
          samples++;
        }
      }
      const owned = owners.filter((count) => count === 1).length;
      expect(owned).toBe(samples * sampleBytes);
      expect(samples).toBe(isSubsampled(format) ? (width * height * 3) / 2 : width * height);
    });
    fc.assert(property, { numRuns: 60 });
  });

  test(`lines begin on ${lineBytes} B, and less than that is wasted on each`, () => {
    const property = fc.property(sizeTo(maxSidePx), ({ width, height }) => {
      const { strideBytes, sizeBytes, planes } = shapeOf(format, width, height);
      expect(planes.map(({ name }) => name)).toEqual(Object.keys(places));
      for (const plane of planes) {
        expect((plane.offsetBytes - (places[plane.name] ?? Number.NaN)) % lineBytes).toBe(0);
        expect(plane.strideBytes % lineBytes).toBe(0);
        const wasted = plane.strideBytes - plane.columns * plane.stepBytes;
        expect(wasted).toBeGreaterThanOrEqual(0);
        expect(wasted).toBeLessThan(lineBytes);
        expect(plane.offsetBytes + plane.sizeBytes).toBeLessThanOrEqual(sizeBytes);
      }
      expect(planes[0]?.strideBytes).toBe(strideBytes);
      expect(sizeBytes).toBeLessThan(2 ** 32);
    });
    fc.assert(property, { numRuns: 200 });
  });

  test('its planes are arrays of the right places of the same memory', () => {
    const property = fc.property(sizeTo(40), fc.integer({ min: 0, max: 9 }), ({ width, height }, before) => {
      const shape = shapeOf(format, width, height);
      const area = new Uint8Array(new ArrayBuffer(before + shape.sizeBytes + 5), before);
      const planes = planesOf(shape, area);
      expect(planes.map(({ bytes: _, ...plane }) => plane)).toEqual(shape.planes);
      for (const { bytes, offsetBytes, sizeBytes } of planes) {
        const place = [bytes.buffer === area.buffer, bytes.byteOffset, bytes.byteLength];
        expect(place).toEqual([true, before + offsetBytes, sizeBytes]);
      }
    });
    fc.assert(property, { numRuns: 50 });
  });
});

test('formats are known by their number and told by name, and other numbers are none', () => {
  const names = 'RGBA_8888 RGBX_8888 RGB_888 RGB_565 BGRA_8888 BLOB YCbCr_420_888 YV12'.split(' ');
  const numbers = [1, 2, 3, 4, 5, 0x21, 0x23, 0x32315659];
  expect(numbers.filter(isPixelFormat).map(formatName)).toEqual(names);
  expect([0, 6, 0x20, 0x22, 0x11, 1.5, -1, Number.NaN, 2 ** 32 + 1].filter(isPixelFormat)).toEqual([]);
  expect(maxBlobBytes).toBe(2_147_483_648);
});
