// The moving test pattern. Every pixel follows from the frame's serial, so that whoever sees a picture can say what it
// should be. From the top: a strip of 32 cells that spells the serial in binary, most significant bit first, white for
// 1; below it a gradient that drifts; over that a yellow box that bounces.

export interface PatternSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

export const stripHeightPx = 16;
const stripCells = 32;
const boxSidePx = 64;

/** One pixel as 0xAABBGGRR, which is R, G, B, A in memory: the pattern's definition. */
export function pixelAt(x: number, y: number, serial: number, size: PatternSize): number {
  if (y < stripHeightPx) {
    const cell = Math.floor((x * stripCells) / size.widthPx);
    return (serial >>> (stripCells - 1 - cell)) & 1 ? white : black;
  }
  const box = boxAt(serial, size);
  if (x >= box.x && x < box.x + boxSidePx && y >= box.y && y < box.y + boxSidePx) return yellow;
  const red = (x + 3 * serial) & 255;
  const green = (y + 2 * serial) & 255;
  const blue = ((x + y) >> 1) & 255;
  return opaque(red, green, blue);
}

/** Draws frame `serial` into lines of `strideBytes`; bytes behind a line's pixels stay as they are. */
export function drawPattern(bytes: Uint8Array, strideBytes: number, serial: number, size: PatternSize): void {
  const { widthPx, heightPx } = size;
  const box = boxAt(serial, size);
  for (let y = 0; y < heightPx; y++) {
    const line = new Uint32Array(bytes.buffer, bytes.byteOffset + y * strideBytes, widthPx);
    if (y < stripHeightPx) {
      drawStrip(line, serial);
      continue;
    }
    drawGradient(line, y, serial);
    if (y >= box.y && y < box.y + boxSidePx) line.fill(yellow, box.x, Math.min(box.x + boxSidePx, widthPx));
  }
}

function drawStrip(line: Uint32Array, serial: number): void {
  for (let cell = 0; cell < stripCells; cell++) {
    const begin = Math.ceil((cell * line.length) / stripCells);
    const end = Math.ceil(((cell + 1) * line.length) / stripCells);
    line.fill((serial >>> (stripCells - 1 - cell)) & 1 ? white : black, begin, end);
  }
}

function drawGradient(line: Uint32Array, y: number, serial: number): void {
  const green = ((y + 2 * serial) & 255) << 8;
  const redFrom = 3 * serial;
  for (let x = 0; x < line.length; x++) {
    line[x] = 0xff000000 | ((((x + y) >> 1) & 255) << 16) | green | ((x + redFrom) & 255);
  }
}

/** Upper left corner of the box: to and fro below the strip. */
function boxAt(serial: number, { widthPx, heightPx }: PatternSize): { x: number; y: number } {
  return {
    x: bounce(serial * 7, widthPx - boxSidePx),
    y: stripHeightPx + bounce(serial * 5, heightPx - stripHeightPx - boxSidePx),
  };
}

/** A triangle wave from 0 to `range`; 0 where there is no room. */
function bounce(distance: number, range: number): number {
  if (range <= 0) return 0;
  const phase = distance % (2 * range);
  return phase <= range ? phase : 2 * range - phase;
}

function opaque(red: number, green: number, blue: number): number {
  return ((0xff << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

const black = opaque(0, 0, 0);
const white = opaque(255, 255, 255);
const yellow = opaque(255, 220, 0);
