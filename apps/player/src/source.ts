// What the player shows: a picture source draws one frame after the other into whatever buffer it is given.

export interface Canvas {
  readonly bytes: Uint8Array;
  readonly strideBytes: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** One frame to come: when it is due, and how it is drawn once a buffer is free. */
export interface SourceFrame {
  /** Draws the whole picture. `serial` is the one under which it will be presented. */
  draw(canvas: Canvas, serial: number): void;
}

/** Yields a frame when it is due; ends when there is nothing more to show, and the last frame stays. */
export type PictureSource = (options: { signal: AbortSignal }) => AsyncIterable<SourceFrame>;

/** Copies tightly packed RGBA lines into a canvas of the same size. */
export function drawPixels(canvas: Canvas, rgba: Uint8Array): void {
  const lineBytes = canvas.widthPx * 4;
  if (canvas.strideBytes === lineBytes) {
    canvas.bytes.set(rgba);
    return;
  }
  for (let y = 0; y < canvas.heightPx; y++) {
    canvas.bytes.set(rgba.subarray(y * lineBytes, (y + 1) * lineBytes), y * canvas.strideBytes);
  }
}
