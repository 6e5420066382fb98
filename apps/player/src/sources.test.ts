/** The sources, each with real input: images that sharp writes here, streams that end where they should not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pixelAt } from './pattern.js';
import type { PictureSource } from './source.js';
import { imageSource, patternSource, rawSource } from './sources.js';

const size = { widthPx: 24, heightPx: 16 };
const red = { r: 255, g: 0, b: 0 };
const green = { r: 0, g: 255, b: 0 };
const blue = { r: 0, g: 0, b: 255 };
type Colour = typeof red;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsoc-player-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const still = (colour: Colour, { widthPx, heightPx } = size) =>
  sharp({ create: { width: widthPx, height: heightPx, channels: 3, background: colour } });

/** An animation of whole-colour frames. */
async function animation(
  name: string,
  colours: readonly Colour[],
  options: { delay: number[]; loop: number },
): Promise<string> {
  const pages = await Promise.all(colours.map((colour) => still(colour).png().toBuffer()));
  const joined = sharp(pages, { join: { animated: true } });
  const file = join(folder, name);
  await (name.endsWith('.gif') ? joined.gif(options) : joined.webp({ ...options, lossless: true })).toFile(
    file,
  );
  return file;
}

/** Draws what comes, at most `limit` frames; `atMs` counts from before the first. */
async function take(source: PictureSource, limit = 100): Promise<{ rgba: Uint8Array; atMs: number }[]> {
  const ending = new AbortController();
  const begunMs = performance.now();
  const taken: { rgba: Uint8Array; atMs: number }[] = [];
  const strideBytes = size.widthPx * 4;
  for await (const frame of source({ signal: ending.signal })) {
    const rgba = new Uint8Array(strideBytes * size.heightPx);
    frame.draw({ bytes: rgba, strideBytes, ...size }, taken.length + 1);
    taken.push({ rgba, atMs: performance.now() - begunMs });
    if (taken.length === limit) break;
  }
  return taken;
}

const colourAt = (rgba: Uint8Array, x: number, y: number) => [
  ...rgba.subarray((y * size.widthPx + x) * 4, (y * size.widthPx + x) * 4 + 4),
];
const middle = ({ rgba }: { rgba: Uint8Array }) => colourAt(rgba, 12, 8);
const opaque = ({ r, g, b }: Colour) => [r, g, b, 255];

describe('an image file', () => {
  test.each(['film.gif', 'film.webp'])(
    '%s shows its frames in order, as often as it says, then ends',
    async (name) => {
      const file = await animation(name, [red, green, blue], { delay: [20, 60, 20], loop: 2 });
      const taken = await take(await imageSource(file, size));
      expect(taken.map(middle)).toEqual([red, green, blue, red, green, blue].map(opaque));
      // No frame before its time; timers may come up to a millisecond early.
      for (const [frame, dueMs] of [0, 20, 80, 100, 120, 180].entries())
        expect(taken[frame]?.atMs).toBeGreaterThan(dueMs - 2);
    },
  );

  test('one that repeats for ever goes on', async () => {
    const file = await animation('endless.gif', [red, green], { delay: [20, 20], loop: 0 });
    const taken = await take(await imageSource(file, size), 7);
    expect(taken.map(middle)).toEqual([red, green, red, green, red, green, red].map(opaque));
  });

  test('frames that say they last no time last 100 ms, as in browsers', async () => {
    const file = await animation('hasty.gif', [red, green], { delay: [0, 0], loop: 1 });
    const [, second] = await take(await imageSource(file, size), 2);
    expect(second?.atMs).toBeGreaterThan(98);
  });

  test('a still one is one frame', async () => {
    const file = join(folder, 'still.png');
    await still(blue).png().toFile(file);
    expect((await take(await imageSource(file, size))).map(middle)).toEqual([opaque(blue)]);
  });

  test('another shape is fitted, with black at its sides; what is transparent is black', async () => {
    const file = join(folder, 'narrow.png');
    await still(red, { widthPx: 4, heightPx: 16 }).png().toFile(file);
    const [frame] = await take(await imageSource(file, size));
    if (!frame) throw new Error('no frame');
    expect(colourAt(frame.rgba, 0, 8)).toEqual([0, 0, 0, 255]);
    expect(middle(frame)).toEqual(opaque(red));
    const clear = {
      create: { width: 24, height: 16, channels: 4, background: { ...red, alpha: 0 } },
    } as const;
    await sharp(clear).png().toFile(join(folder, 'clear.png'));
    const [transparent] = await take(await imageSource(join(folder, 'clear.png'), size));
    expect(transparent && middle(transparent)).toEqual([0, 0, 0, 255]);
  });

  test('one that is missing or none at all is refused with its reason', async () => {
    await expect(imageSource(join(folder, 'missing.gif'), size)).rejects.toThrow('missing.gif');
    await expect(imageSource(folder, size)).rejects.toThrow('is no file');
    writeFileSync(join(folder, 'text.gif'), 'no image');
    await expect(imageSource(join(folder, 'text.gif'), size)).rejects.toThrow('unsupported image format');
  });

  test('one too large to be held decoded is refused before it is decoded', async () => {
    const file = await animation('long.gif', [red, green, blue], { delay: [20, 20, 20], loop: 0 });
    await expect(imageSource(file, { widthPx: 16_384, heightPx: 16_384 })).rejects.toThrow(
      '3 frames of 16384×16384, more than the 536870912 bytes',
    );
  });
});

describe('raw frames', () => {
  const frameBytes = size.widthPx * size.heightPx * 4;
  const film = Uint8Array.from({ length: frameBytes * 3 }, (_, i) => i % 251);

  test.each([1, 1000, frameBytes, frameBytes + 1, frameBytes * 3])(
    'come out whole from chunks of %i bytes',
    async (chunkBytes) => {
      const chunks = Array.from({ length: Math.ceil(film.length / chunkBytes) }, (_, i) =>
        Buffer.from(film.subarray(i * chunkBytes, (i + 1) * chunkBytes)),
      );
      const taken = await take(rawSource(Readable.from(chunks, { objectMode: false }), size));
      expect(Buffer.concat(taken.map(({ rgba }) => rgba)).equals(film)).toBe(true);
    },
  );

  test('a stream without a byte is a film without a frame', async () => {
    expect(await take(rawSource(Readable.from([]), size))).toEqual([]);
  });

  test('an incomplete last frame is an error that says how much of it came', async () => {
    const input = Readable.from([Buffer.from(film.subarray(0, frameBytes + 7))], { objectMode: false });
    await expect(take(rawSource(input, size))).rejects.toThrow(
      `standard input ended inside a frame: 7 of its ${frameBytes} bytes came`,
    );
  });

  test('an abort ends the wait for more, and the stream', async () => {
    const ending = new AbortController();
    const input = new PassThrough();
    input.write(film.subarray(0, frameBytes));
    const run = async () => {
      for await (const _ of rawSource(input, size)({ signal: ending.signal }))
        setTimeout(() => ending.abort(), 5);
    };
    await expect(run()).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(input.destroyed).toBe(true);
  });
});

test('the pattern draws under the serial that it is given', async () => {
  const taken = await take(patternSource(240), 3);
  for (const [index, { rgba }] of taken.entries()) {
    const view = new DataView(rgba.buffer);
    expect(view.getUint32(4 * (3 * size.widthPx + 5), true)).toBe(pixelAt(5, 3, index + 1, size));
  }
});
