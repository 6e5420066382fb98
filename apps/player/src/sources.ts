// The player's sources: the test pattern, an animated image through sharp, raw frames on standard input.
import { statSync } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { paced } from './pace.js';
import { drawPattern, type PatternSize } from './pattern.js';
import { drawPixels, type PictureSource } from './source.js';

export function patternSource(fps: number): PictureSource {
  return async function* ({ signal }) {
    for await (const _ of paced(() => 1000 / fps, signal)) {
      yield { draw: (canvas, serial) => drawPattern(canvas.bytes, canvas.strideBytes, serial, canvas) };
    }
  };
}

/** What a decoded animation may take: it is held whole, so that playing it costs no decoding. */
const animationLimitBytes = 512 * 1024 * 1024;
/** What browsers do with a frame that says it lasts 10 ms or less: they do not believe it. */
const shortestDelayMs = 11;
const usualDelayMs = 100;

/** An image file, animated or still, fitted into `size`; rejects with what sharp says of a file it cannot read. */
export async function imageSource(file: string, size: PatternSize): Promise<PictureSource> {
  if (!statSync(file).isFile()) throw new Error(`${file} is no file`);
  // Loaded when an image is played: the other sources start faster without it, in a virtual machine by seconds.
  const { default: sharp } = await import('sharp');
  const { pages = 1, delay = [], loop = 0 } = await sharp(file, { animated: true }).metadata();
  const frameBytes = size.widthPx * size.heightPx * 4;
  if (pages * frameBytes > animationLimitBytes) {
    const seen = `${pages} frames of ${size.widthPx}×${size.heightPx}`;
    throw new Error(`${file} has ${seen}, more than the ${animationLimitBytes} bytes that are held decoded`);
  }
  const frames: Uint8Array[] = [];
  for (let page = 0; page < pages; page++) {
    const background = { r: 0, g: 0, b: 0, alpha: 1 };
    const fitted = sharp(file, { page, pages: 1 }).resize(size.widthPx, size.heightPx, {
      fit: 'contain',
      background,
    });
    frames.push(await fitted.flatten({ background }).ensureAlpha().raw().toBuffer());
  }
  const delayMs = (count: number) => {
    const saidMs = delay[count % pages] ?? usualDelayMs;
    return saidMs < shortestDelayMs ? usualDelayMs : saidMs;
  };
  return async function* ({ signal }) {
    for await (const count of paced(delayMs, signal)) {
      const rgba = frames[count % pages] as Uint8Array;
      yield { draw: (canvas) => drawPixels(canvas, rgba) };
      const rounds = Math.floor((count + 1) / pages);
      if (pages === 1 || (loop > 0 && rounds >= loop)) return;
    }
  };
}

/** Raw RGBA frames of exactly `size`, one behind the other; the sender paces. An incomplete last frame is an error. */
export function rawSource(input: Readable, size: PatternSize): PictureSource {
  const frameBytes = size.widthPx * size.heightPx * 4;
  return async function* ({ signal }) {
    let frame = new Uint8Array(frameBytes);
    let filled = 0;
    for await (const chunk of addAbortSignal(signal, input) as AsyncIterable<Uint8Array>) {
      for (let at = 0; at < chunk.byteLength; ) {
        const part = chunk.subarray(at, at + frameBytes - filled);
        frame.set(part, filled);
        filled += part.byteLength;
        at += part.byteLength;
        if (filled < frameBytes) continue;
        const rgba = frame;
        yield { draw: (canvas) => drawPixels(canvas, rgba) };
        frame = new Uint8Array(frameBytes);
        filled = 0;
      }
    }
    if (filled > 0) {
      throw new Error(`standard input ended inside a frame: ${filled} of its ${frameBytes} bytes came`);
    }
  };
}
