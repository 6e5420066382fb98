// Pixel formats: how many bytes a pixel has and how far lines lie apart. Numbers are Android's.

export const pixelFormat = { rgba8888: 1 } as const;
export type PixelFormat = (typeof pixelFormat)[keyof typeof pixelFormat];

interface FormatRow {
  readonly name: string;
  readonly bytesPerPixel: number;
}

const formats: Readonly<Record<PixelFormat, FormatRow>> = {
  [pixelFormat.rgba8888]: { name: 'RGBA_8888', bytesPerPixel: 4 },
};

/** Lines begin on cache lines. */
const strideAlignBytes = 64;
/** As Android's compositors: nothing larger fits a display, and every product below stays under 2³². */
export const maxSidePx = 16_384;

export interface BufferShape {
  readonly strideBytes: number;
  /** Bytes of all lines. */
  readonly sizeBytes: number;
}

export function isPixelFormat(value: number): value is PixelFormat {
  return value in formats;
}

/** Stride and size of a picture; RangeError for a side outside 1 to maxSidePx. */
export function shapeOf(format: PixelFormat, widthPx: number, heightPx: number): BufferShape {
  for (const [side, px] of Object.entries({ width: widthPx, height: heightPx })) {
    if (!Number.isInteger(px) || px < 1 || px > maxSidePx) {
      throw new RangeError(`${side} of a buffer is 1 to ${maxSidePx} px, not ${px}`);
    }
  }
  const lineBytes = widthPx * formats[format].bytesPerPixel;
  const strideBytes = Math.ceil(lineBytes / strideAlignBytes) * strideAlignBytes;
  return { strideBytes, sizeBytes: strideBytes * heightPx };
}
