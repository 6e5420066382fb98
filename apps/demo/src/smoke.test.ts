// The judge is judged: the right picture passes, a single wrong byte is named; and the reference agrees with the
// player's own pattern, two texts by the same description.

import { pixelAt } from '@vsoc/player/pattern';
import { expect, it } from 'vitest';
import { drawExpected } from './reference.js';
import { compareFrame } from './smoke.js';

const sizes = [
  { widthPx: 320, heightPx: 180 },
  { widthPx: 101, heightPx: 83 },
  { widthPx: 40, heightPx: 20 },
  { widthPx: 1, heightPx: 1 },
];
const serials = [0, 1, 2, 37, 255, 4096, 123_456, 2 ** 31, 2 ** 32 - 1];

for (const size of sizes) {
  it(`the reference is the pattern at ${size.widthPx}×${size.heightPx}`, () => {
    const { widthPx, heightPx } = size;
    const rgba = new Uint8Array(widthPx * heightPx * 4);
    const view = new DataView(rgba.buffer);
    for (const serial of serials) {
      drawExpected(rgba, size, serial);
      for (let pixel = 0; pixel < widthPx * heightPx; pixel += 1) {
        const expected = pixelAt(pixel % widthPx, Math.floor(pixel / widthPx), serial, size);
        if (view.getUint32(pixel * 4, true) !== expected) {
          expect.fail(
            `serial ${serial}, pixel ${pixel}: ${view.getUint32(pixel * 4, true)}, not ${expected}`,
          );
        }
      }
    }
  });
}

it('the right picture passes, one wrong byte is named with its place', () => {
  const size = { widthPx: 320, heightPx: 180 };
  const rgba = new Uint8Array(320 * 180 * 4);
  drawExpected(rgba, size, 5);
  const frame = { serial: 5, ...size, rgba, ageMs: 0 };
  const scratch = new Uint8Array(rgba.length);
  compareFrame(frame, size, scratch);
  rgba[(100 * 320 + 200) * 4 + 2] = 0;
  expect(() => compareFrame(frame, size, scratch)).toThrow(
    'frame 5: pixel (200, 100): expected rgba d76e96ff, got d76e00ff',
  );
});

it('a picture of another serial or size is refused', () => {
  const size = { widthPx: 320, heightPx: 180 };
  const rgba = new Uint8Array(320 * 180 * 4);
  drawExpected(rgba, size, 5);
  const scratch = new Uint8Array(rgba.length);
  expect(() => compareFrame({ serial: 6, ...size, rgba, ageMs: 0 }, size, scratch)).toThrow('frame 6: pixel');
  const wide = { widthPx: 180, heightPx: 320 };
  expect(() => compareFrame({ serial: 5, ...size, rgba, ageMs: 0 }, wide, scratch)).toThrow(
    'frame 5: expected 180×320 px, got 320×180',
  );
});
