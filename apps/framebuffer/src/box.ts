// What the framebuffer shows when it runs alone: a box that moves over a ground that stays, so that the damage of a
// frame is where the box was and where it is.
import type { Rect } from './rect.js';
import { slotSize } from './slots.js';

const sidePx = 40;
const ground = 0xff203040;
const colour = 0xff30c0f0;

export function boxAt(serial: number): Rect {
  const x = (serial * 7) % (slotSize.widthPx - sidePx);
  const y = (serial * 5) % (slotSize.heightPx - sidePx);
  return { x, y, width: sidePx, height: sidePx };
}

/** Draws all of picture `serial`: the slot holds an older one, or none. */
export function drawBox(lines: Uint8Array, serial: number): void {
  const words = new Uint32Array(lines.buffer, lines.byteOffset, lines.byteLength / 4);
  words.fill(ground);
  const { x, y, width, height } = boxAt(serial);
  for (let line = y; line < y + height; line++) {
    const begin = (line * slotSize.strideBytes) / 4 + x;
    words.fill(colour, begin, begin + width);
  }
}
