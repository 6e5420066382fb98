/** Pixels into canvases of any stride. */
import { expect, test } from 'vitest';
import { drawPixels } from './source.js';

test.each([0, 4, 60])('lines %i bytes longer than their pixels keep what stands behind', (extraBytes) => {
  const size = { widthPx: 3, heightPx: 2 };
  const strideBytes = size.widthPx * 4 + extraBytes;
  const bytes = new Uint8Array(strideBytes * size.heightPx).fill(0xee);
  const rgba = Uint8Array.from({ length: 24 }, (_, i) => i);
  drawPixels({ bytes, strideBytes, ...size }, rgba);
  const behind = Array.from({ length: extraBytes }, () => 0xee);
  expect([...bytes]).toEqual([...rgba.subarray(0, 12), ...behind, ...rgba.subarray(12), ...behind]);
});
