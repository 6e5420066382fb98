/**
 * One rectangle of a frame to bytes, through sharp and hence off the event loop. Settings as measured at
 * 1280×720: dropping alpha in the native code and libjpeg's fixed tables bring JPEG from 9 to 3 ms.
 */
import sharp from 'sharp';
import { bytesPerPixel, type VideoFrame } from './frame.js';
import { areaOf, type Rect } from './rects.js';
import type { Encoding } from './wire.js';

// Every picture is new, so a cache of operations only holds on to old frames.
sharp.cache(false);

export type EncodeRect = (frame: VideoFrame, rect: Rect, encoding: Encoding) => Promise<Uint8Array>;

/** A picture that level 1 makes hardly smaller costs 10 times the time of one that is stored as it is. */
const poorRatio = 0.6;
const storedBeforeNextTry = 60;

/** Remembers how well the stream's pictures compress. */
export function createEncoder(): EncodeRect {
  let storedLeft = 0;

  async function encodeLossless(frame: VideoFrame, rect: Rect): Promise<Uint8Array> {
    const compressionLevel = storedLeft > 0 ? 0 : 1;
    if (storedLeft > 0) storedLeft--;
    const bytes = await cropped(frame, rect).png({ compressionLevel }).toBuffer();
    const isPoor = bytes.byteLength > areaOf(rect) * bytesPerPixel * poorRatio;
    if (compressionLevel === 1 && isPoor) storedLeft = storedBeforeNextTry;
    return bytes;
  }

  return (frame, rect, encoding) => {
    if (encoding === 'lossless') return encodeLossless(frame, rect);
    const rgb = cropped(frame, rect).removeAlpha();
    return rgb.jpeg({ quality: 80, chromaSubsampling: '4:2:0', optimiseCoding: false }).toBuffer();
  };
}

/** sharp knows no stride: rows are taken as wider pictures where that is possible, else copied together. */
function cropped(frame: VideoFrame, rect: Rect) {
  const { strideBytes, rgba } = frame;
  const begin = rect.y * strideBytes;
  const end = begin + rect.height * strideBytes;
  if (strideBytes % bytesPerPixel !== 0 || end > rgba.byteLength) {
    return sharp(tightCopy(frame, rect), raw(rect.width, rect.height));
  }
  const widthPx = strideBytes / bytesPerPixel;
  const rows = sharp(rgba.subarray(begin, end), raw(widthPx, rect.height));
  if (rect.width === widthPx) return rows;
  return rows.extract({ left: rect.x, top: 0, width: rect.width, height: rect.height });
}

function tightCopy(frame: VideoFrame, rect: Rect): Uint8Array {
  const rowBytes = rect.width * bytesPerPixel;
  const copy = new Uint8Array(rowBytes * rect.height);
  for (let row = 0; row < rect.height; row++) {
    const from = (rect.y + row) * frame.strideBytes + rect.x * bytesPerPixel;
    copy.set(frame.rgba.subarray(from, from + rowBytes), row * rowBytes);
  }
  return copy;
}

function raw(width: number, height: number) {
  return { raw: { width, height, channels: bytesPerPixel } } as const;
}
