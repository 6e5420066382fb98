// What the test pattern has to look like, written a second time, from its description and not from its code:
// one pixel after the other, byte by byte. It may be slow and must not share a line with what it judges.
//
// Frame `serial` of width × height pixels, all opaque:
// - rows 0 to 15: 32 cells across the width, cell 0 at the left holding bit 31 of the serial; white for 1, else black.
// - a yellow box (255, 220, 0) of 64 px, cut off at the edges: its left edge walks 7 px a frame from 0 to width − 64
//   and back, its top edge 5 px a frame from 16 to height − 64 and back; where there is no way to go it stays.
// - elsewhere red = x + 3 · serial, green = y + 2 · serial, blue = half of x + y; all modulo 256.

import type { Size } from './arguments.js';

const stripRows = 16;
const boxSide = 64;

/** Writes the picture as tightly packed R, G, B, A. */
export function drawExpected(rgba: Uint8Array, size: Size, serial: number): void {
  const { widthPx, heightPx } = size;
  if (rgba.length !== widthPx * heightPx * 4) {
    throw new RangeError(`expected ${widthPx * heightPx * 4} bytes for the picture, got ${rgba.length}`);
  }
  const boxLeft = toAndFro(7 * serial, widthPx - boxSide);
  const boxTop = stripRows + toAndFro(5 * serial, heightPx - stripRows - boxSide);
  let at = 0;
  for (let y = 0; y < heightPx; y += 1) {
    for (let x = 0; x < widthPx; x += 1) {
      const inBox = x - boxLeft >= 0 && x - boxLeft < boxSide && y - boxTop >= 0 && y - boxTop < boxSide;
      if (y < stripRows) {
        const level = bitOf(serial, 31 - Math.trunc((32 * x) / widthPx)) * 255;
        rgba[at] = level;
        rgba[at + 1] = level;
        rgba[at + 2] = level;
      } else if (inBox) {
        rgba[at] = 255;
        rgba[at + 1] = 220;
        rgba[at + 2] = 0;
      } else {
        rgba[at] = (x + 3 * serial) % 256;
        rgba[at + 1] = (y + 2 * serial) % 256;
        rgba[at + 2] = Math.trunc((x + y) / 2) % 256;
      }
      rgba[at + 3] = 255;
      at += 4;
    }
  }
}

/** Without bit operators, which wrap at 32 bits in ways that the pattern's own code may rely on. */
function bitOf(value: number, bit: number): number {
  return Math.trunc(value / 2 ** bit) % 2;
}

function toAndFro(distance: number, wayPx: number): number {
  if (wayPx <= 0) return 0;
  return wayPx - Math.abs((distance % (2 * wayPx)) - wayPx);
}
