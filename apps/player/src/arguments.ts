// Numbers on the command line, refused with what was expected.
import { maxSidePx } from '@vsoc/gralloc/formats';
import type { PatternSize } from './pattern.js';

/** '1280x720' → width and height in pixels. */
export function parseSize(option: string, text: string): PatternSize {
  const [, width, height] = text.match(/^(\d{1,5})x(\d{1,5})$/) ?? [];
  const size = { widthPx: Number(width), heightPx: Number(height) };
  const fits = (px: number) => px >= 1 && px <= maxSidePx;
  if (fits(size.widthPx) && fits(size.heightPx)) return size;
  throw new Error(
    `${option} takes WIDTHxHEIGHT, each 1 to ${maxSidePx}, like 1280x720; it was given ${text}`,
  );
}

const highestFps = 240;

export function parseFps(option: string, text: string): number {
  const fps = Number(text);
  if (fps >= 1 && fps <= highestFps) return fps;
  throw new Error(`${option} takes frames a second, 1 to ${highestFps}; it was given ${text}`);
}
