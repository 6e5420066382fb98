// Rectangles of pixels, and what of them lies in a picture.

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The part inside a picture of `widthPx` × `heightPx`; undefined where nothing is. */
export function clip(rect: Rect, widthPx: number, heightPx: number): Rect | undefined {
  const x = Math.min(rect.x, widthPx);
  const y = Math.min(rect.y, heightPx);
  const width = Math.min(rect.width, widthPx - x);
  const height = Math.min(rect.height, heightPx - y);
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

export function whole(widthPx: number, heightPx: number): Rect {
  return { x: 0, y: 0, width: widthPx, height: heightPx };
}

/** RangeError for a rectangle that is not of whole pixels inside a picture of `widthPx` × `heightPx`. */
export function checkInside(rect: Rect, widthPx: number, heightPx: number): void {
  const { x, y, width, height } = rect;
  const isWhole = [x, y, width, height].every((px) => Number.isInteger(px) && px >= 0);
  if (isWhole && x + width <= widthPx && y + height <= heightPx) return;
  throw new RangeError(
    `damage: expected whole pixels inside ${widthPx}×${heightPx}, saw ${width}×${height} at ${x}, ${y}`,
  );
}
