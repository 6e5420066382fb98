/** The picture as a viewer has it: decoded rectangles put together, in plain memory. */
import { bytesPerPixel, maxSidePx } from './frame.js';
import type { FrameMessage } from './wire.js';

export class Picture {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgba: Uint8Array<ArrayBuffer>;

  constructor(widthPx: number, heightPx: number) {
    if (widthPx > maxSidePx || heightPx > maxSidePx) {
      throw new RangeError(`picture of ${widthPx} × ${heightPx} px, at most ${maxSidePx} a side expected`);
    }
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.rgba = new Uint8Array(widthPx * heightPx * bytesPerPixel);
  }

  fits(message: FrameMessage): boolean {
    return message.frameWidth === this.widthPx && message.frameHeight === this.heightPx;
  }

  /** `pixels` are the message's rectangle, tightly packed. */
  blit({ x, y, width, height }: FrameMessage, pixels: Uint8Array): void {
    const rowBytes = width * bytesPerPixel;
    if (pixels.byteLength !== rowBytes * height) {
      throw new RangeError(`image of ${pixels.byteLength} B in a rectangle of ${width} × ${height} px`);
    }
    for (let row = 0; row < height; row++) {
      const to = ((y + row) * this.widthPx + x) * bytesPerPixel;
      this.rgba.set(pixels.subarray(row * rowBytes, (row + 1) * rowBytes), to);
    }
  }
}
