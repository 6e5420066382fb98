/**
 * Arithmetic on damage. Few large rectangles beat many small ones: a call of the encoder costs about as much
 * as 200 000 pixels, so two rectangles are sent as one unless that would add more pixels than this.
 */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const maxRects = 4;
const encoderCallPx = 200_000;
/** Grid of JPEG's 4:2:0 blocks; it also lets viewers with slightly different damage share an encoding. */
const gridPx = 16;
/** A longer list is not worth the pairwise search. */
const maxPairwise = 32;

export function wholeOf(width: number, height: number): Rect {
  return { x: 0, y: 0, width, height };
}

export function areaOf(rect: Rect): number {
  return rect.width * rect.height;
}

export function union(a: Rect, b: Rect): Rect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  const right = Math.max(a.x + a.width, b.x + b.width);
  const bottom = Math.max(a.y + a.height, b.y + b.height);
  return { x, y, width: right - x, height: bottom - y };
}

export function contains(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** The part of `rect` that lies on the grid's cells inside width × height; undefined when there is none. */
export function snap(rect: Rect, width: number, height: number): Rect | undefined {
  const down = (value: number) => Math.floor(value / gridPx) * gridPx;
  const up = (value: number) => Math.ceil(value / gridPx) * gridPx;
  const x = Math.max(0, down(rect.x));
  const y = Math.max(0, down(rect.y));
  const right = Math.min(width, up(rect.x + rect.width));
  const bottom = Math.min(height, up(rect.y + rect.height));
  const isEmpty = !(rect.width > 0 && rect.height > 0 && right > x && bottom > y);
  return isEmpty ? undefined : { x, y, width: right - x, height: bottom - y };
}

/** At most `maxRects` rectangles that cover all of `rects`. */
export function coalesce(rects: readonly Rect[]): Rect[] {
  if (rects.length > maxPairwise) return [rects.reduce(union)];
  const merged = [...rects];
  while (merged.length > 1) {
    const best = cheapestPair(merged);
    if (merged.length <= maxRects && best.addedPx > encoderCallPx) break;
    merged.splice(best.second, 1);
    merged[best.first] = best.union;
  }
  return merged;
}

function cheapestPair(rects: readonly Rect[]) {
  let best = { first: 0, second: 1, addedPx: Number.POSITIVE_INFINITY, union: rects[0] as Rect };
  for (const [first, a] of rects.entries()) {
    for (let second = first + 1; second < rects.length; second++) {
      const b = rects[second] as Rect;
      const both = union(a, b);
      const addedPx = areaOf(both) - areaOf(a) - areaOf(b);
      if (addedPx < best.addedPx) best = { first, second, addedPx, union: both };
    }
  }
  return best;
}
