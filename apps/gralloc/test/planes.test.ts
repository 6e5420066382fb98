/**
 * Planes through three processes: one guest writes every sample, another reads them through its own import, the host half
 * through the window. Both must be what the layouts below say, written down here once more as numbers.
 */
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import { type PixelFormat, pixelFormat } from '../src/formats.js';
import { usage } from '../src/usage.js';
import { allocatedBy, startCompanion } from './companion.js';
import { byteAt } from './fixtures/pictures.mjs';
import { allocated, freedAfterEachTest, openClient, openHost, picture, startGuest } from './run.js';

const guest = sharedByTests(startGuest);
freedAfterEachTest(guest);
const client = sharedByTests(() => openClient(guest));
const host = sharedByTests(() => openHost(guest));
const companion = sharedByTests(() => startCompanion(guest));
guardLeaks();

const pageBytes = 4096;
const sides = { widthPx: 130, heightPx: 70 };
const [columns, lines] = [130, 70];
const half = { columns: 65, lines: 35 };

interface PlaneRow {
  readonly name: string;
  readonly offset: number;
  readonly stride: number;
  readonly step: number;
  readonly sampleBytes: number;
  readonly columns: number;
  readonly lines: number;
}

const packed = (name: string, stride: number, step: number): readonly PlaneRow[] => [
  { name, offset: 0, stride, step, sampleBytes: step, columns, lines },
];
const single = { step: 1, sampleBytes: 1 };

const layouts: readonly (readonly [keyof typeof pixelFormat, number, readonly PlaneRow[]])[] = [
  ['rgba8888', 40_320, packed('RGBA', 576, 4)],
  ['rgbx8888', 40_320, packed('RGBX', 576, 4)],
  ['bgra8888', 40_320, packed('BGRA', 576, 4)],
  ['rgb888', 40_320, packed('RGB', 576, 3)],
  ['rgb565', 22_400, packed('RGB', 320, 2)],
  ['blob', 9100, [{ name: 'bytes', offset: 0, stride: 9100, ...single, columns: 9100, lines: 1 }]],
  [
    'ycbcr420888',
    20_160,
    [
      { name: 'Y', offset: 0, stride: 192, ...single, columns, lines },
      { name: 'Cb', offset: 13_440, stride: 192, step: 2, sampleBytes: 1, ...half },
      { name: 'Cr', offset: 13_441, stride: 192, step: 2, sampleBytes: 1, ...half },
    ],
  ],
  [
    'yv12',
    15_680,
    [
      { name: 'Y', offset: 0, stride: 144, ...single, columns, lines },
      { name: 'Cr', offset: 10_080, stride: 80, ...single, ...half },
      { name: 'Cb', offset: 12_880, stride: 80, ...single, ...half },
    ],
  ],
];

/** All bytes of a painted buffer: 0 where no sample is. */
function expectedBytes(sizeBytes: number, planes: readonly PlaneRow[]): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (const [index, { offset, stride, step, sampleBytes, ...count }] of planes.entries())
    for (let line = 0; line < count.lines; line++)
      for (let column = 0; column < count.columns; column++)
        for (let byte = 0; byte < sampleBytes; byte++)
          bytes[offset + line * stride + column * step + byte] = byteAt(index, line, column, byte);
  return bytes;
}

/** The same rows as a buffer tells them. */
const shapes = (rows: readonly PlaneRow[]) =>
  rows.map(({ name, offset, stride, step, columns, lines }) => ({
    name,
    offsetBytes: offset,
    strideBytes: stride,
    stepBytes: step,
    columns,
    lines,
  }));

const requestOf = (format: PixelFormat, sizeBytes: number) => ({
  ...(format === pixelFormat.blob ? { widthPx: sizeBytes, heightPx: 1 } : sides),
  format,
  usage: picture.usage,
});

test.each(layouts)(
  'every sample of %s is where its layout says, for all processes',
  async (name, size, rows) => {
    const format = pixelFormat[name];
    const reference = await allocatedBy(companion, requestOf(format, size));
    await companion.paint(reference);
    const { message, fds } = await companion.take(reference);
    using imported = await client.gralloc.receive(message, fds);
    const resolved = host.buffers.resolve(reference);
    const expected = expectedBytes(size, rows);

    const wholePages = Buffer.concat([expected, Buffer.alloc(-size & (pageBytes - 1))]);
    expect(imported.bytes.byteLength % pageBytes).toBe(0);
    expect(wholePages.compare(imported.bytes)).toBe(0);
    expect(expected.compare(resolved?.bytes().slice() ?? new Uint8Array(0))).toBe(0);
    const row = { layout: shapes(rows), sizeBytes: size };
    expect(imported).toMatchObject({ ...row, areaBytes: wholePages.byteLength });
    expect(resolved).toMatchObject(row);
    for (const planes of [imported.planes, resolved?.planes() ?? []]) {
      expect(planes.map((plane) => plane.name)).toEqual(rows.map((row) => row.name));
      for (const [index, { offset }] of rows.entries()) {
        const bytes = planes[index]?.bytes.slice() ?? new Uint8Array(0);
        // A plane ends with its last line, padding included; of interleaved ones the last byte is the other's.
        expect(expected.subarray(offset, offset + bytes.byteLength).compare(bytes)).toBe(0);
      }
      const ends = planes.map(({ offsetBytes, bytes }) => offsetBytes + bytes.byteLength);
      expect(Math.max(...ends)).toBe(size);
    }
    expect(resolved).toMatchObject({ format, strideBytes: rows[0]?.stride });
    expect(resolved?.isCurrent()).toBe(true);
    await companion.free(reference);
  },
);

test('a plane is memory of the buffer: what the host half writes there is what the guest reads', async () => {
  const request = { ...requestOf(pixelFormat.yv12, 0), usage: usage.cpuRead | usage.hostWrite };
  using buffer = await allocated(client.gralloc, request);
  for (const [index, { bytes }] of (host.buffers.resolve(buffer.reference)?.planes() ?? []).entries())
    bytes.fill(index + 1);
  const sums = buffer.planes.map(({ bytes }) => [bytes[0], bytes.every((byte) => byte === bytes[0])]);
  expect(sums).toEqual([1, 2, 3].map((value) => [value, true]));
});

test('what a buffer is for decides who may touch it, not who may know where its planes lie', async () => {
  const request = { ...requestOf(pixelFormat.yv12, 0), usage: usage.hostRead };
  using buffer = await allocated(client.gralloc, request);
  expect(() => buffer.planes).toThrow('EACCES');
  const [, sizeBytes, rows] = layouts.find(([name]) => name === 'yv12') ?? [];
  const layout = host.buffers.resolve(buffer.reference)?.layout;
  expect(buffer).toMatchObject({ layout: shapes(rows ?? []), sizeBytes, areaBytes: 16_384 });
  expect(layout).toEqual(buffer.layout);
});

test('usage decides who reaches the bytes, and a descriptor alone can be passed on all the same', async () => {
  using host = await openHost(guest);
  using forHost = await allocated(client.gralloc, { ...picture, usage: usage.hostRead });
  using forCpu = await allocated(client.gralloc, { ...picture, usage: usage.cpuWrite });
  const text = `${forHost.reference.entry}, generation ${forHost.reference.generation} was allocated without`;
  const refusal = expect.objectContaining({ code: 'EACCES', message: expect.stringContaining(text) });
  expect(() => forHost.bytes).toThrow(refusal);
  expect(() => forHost.planes).toThrow(refusal);
  expect(host.buffers.resolve(forHost.reference)?.bytes()).toHaveLength(4096);
  expect(forCpu.bytes).toHaveLength(4096);
  expect(host.buffers.resolve(forCpu.reference)).toBeUndefined();
  expect(host.buffers.counters).toMatchObject({ resolved: 1, refused: 1 });

  await companion.give(client.gralloc, forHost);
  using again = await forHost.duplicate();
  forHost[Symbol.dispose]();
  again[Symbol.dispose]();
  expect(host.buffers.resolve(forHost.reference)?.isCurrent()).toBe(true);
  await companion.free(forHost.reference);
});
