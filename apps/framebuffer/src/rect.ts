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
