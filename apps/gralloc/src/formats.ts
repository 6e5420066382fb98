// Pixel formats in one table: which planes a picture has, and how far samples and lines lie apart. Numbers, plane orders
// and YV12's alignment are Android's; where Android leaves the choice (stride of RGB, layout of 420_888) lines begin on
// cache lines, and a stride is a whole number of pixels.

export const pixelFormat = {
  rgba8888: 1,
  rgbx8888: 2,
  rgb888: 3,
  rgb565: 4,
  bgra8888: 5,
  blob: 0x21,
  ycbcr420888: 0x23,
  yv12: 0x32315659,
} as const;
export type PixelFormat = (typeof pixelFormat)[keyof typeof pixelFormat];

/** A run of lines, and the planes whose samples lie in it, a byte apart where there are several. */
interface BlockRow {
  readonly planes: readonly string[];
  /** From one sample to the next on its line. */
  readonly stepBytes: number;
  /** Columns and lines of the picture to one sample. */
  readonly subsampling: 1 | 2;
}

interface FormatRow {
  readonly name: string;
  readonly strideAlignBytes: number;
  /** One after the other, without gaps. */
  readonly blocks: readonly BlockRow[];
}

const packed = (name: string, plane: string, stepBytes: number, strideAlignBytes = 64): FormatRow => ({
  name,
  strideAlignBytes,
  blocks: [{ planes: [plane], stepBytes, subsampling: 1 }],
});
const full = (plane: string): BlockRow => ({ planes: [plane], stepBytes: 1, subsampling: 1 });
const quarter = (...planes: string[]): BlockRow => ({ planes, stepBytes: planes.length, subsampling: 2 });

const formats: Readonly<Record<PixelFormat, FormatRow>> = {
  [pixelFormat.rgba8888]: packed('RGBA_8888', 'RGBA', 4),
  [pixelFormat.rgbx8888]: packed('RGBX_8888', 'RGBX', 4),
  // 192: the least number of bytes that is whole cache lines and whole pixels.
  [pixelFormat.rgb888]: packed('RGB_888', 'RGB', 3, 192),
  [pixelFormat.rgb565]: packed('RGB_565', 'RGB', 2),
  [pixelFormat.bgra8888]: packed('BGRA_8888', 'BGRA', 4),
  [pixelFormat.blob]: packed('BLOB', 'bytes', 1, 1),
  // As NV12: what most hardware decoders write.
  [pixelFormat.ycbcr420888]: {
    name: 'YCbCr_420_888',
    strideAlignBytes: 64,
    blocks: [full('Y'), quarter('Cb', 'Cr')],
  },
  [pixelFormat.yv12]: {
    name: 'YV12',
    strideAlignBytes: 16,
    blocks: [full('Y'), quarter('Cr'), quarter('Cb')],
  },
};

/** As Android's compositors: nothing larger fits a display, and every product below stays under 2³². */
export const maxSidePx = 16_384;
/** A BLOB is one line; a window has at most 2 GiB. */
export const maxBlobBytes = 2 ** 31;

export interface PlaneShape {
  /** Y, Cb, Cr, or all components of a packed format. */
  readonly name: string;
  /** Of its first sample, from the buffer's begin. */
  readonly offsetBytes: number;
  readonly strideBytes: number;
  /** From one sample to the next on its line. */
  readonly stepBytes: number;
  /** Samples on a line, and lines. */
  readonly columns: number;
  readonly lines: number;
  /** From its first sample to the end of its last line. */
  readonly sizeBytes: number;
}

export interface BufferShape {
  /** Of the first plane. */
  readonly strideBytes: number;
  /** Bytes of all planes. */
  readonly sizeBytes: number;
  readonly planes: readonly PlaneShape[];
}

export interface Plane extends PlaneShape {
  readonly bytes: Uint8Array;
}

export function isPixelFormat(value: number): value is PixelFormat {
  return value in formats;
}

export const formatName = (format: PixelFormat): string => formats[format].name;

/** Where everything of a picture lies; RangeError for sides that this format cannot have. */
export function shapeOf(format: PixelFormat, widthPx: number, heightPx: number): BufferShape {
  const problem = problemOfSides(format, widthPx, heightPx);
  if (problem !== undefined) throw new RangeError(problem);
  return layOut(format, widthPx, heightPx);
}

/** The metadata of a row of the table. */
export interface RowMetadata {
  readonly format: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
}

/** The shape that a row of the table describes; undefined where its numbers, which others can write, do not agree. */
export function shapeOfRow(row: RowMetadata, areaBytes: number): BufferShape | undefined {
  const { format, widthPx, heightPx, strideBytes } = row;
  if (!isPixelFormat(format) || problemOfSides(format, widthPx, heightPx) !== undefined) return undefined;
  const shape = layOut(format, widthPx, heightPx);
  return shape.strideBytes === strideBytes && shape.sizeBytes <= areaBytes ? shape : undefined;
}

function layOut(format: PixelFormat, widthPx: number, heightPx: number): BufferShape {
  const { blocks, strideAlignBytes } = formats[format];
  const planes: PlaneShape[] = [];
  let sizeBytes = 0;
  for (const { planes: names, stepBytes, subsampling } of blocks) {
    const columns = widthPx / subsampling;
    const lines = heightPx / subsampling;
    const strideBytes = Math.ceil((columns * stepBytes) / strideAlignBytes) * strideAlignBytes;
    const blockBytes = strideBytes * lines;
    for (const [place, name] of names.entries()) {
      const run = { offsetBytes: sizeBytes + place, sizeBytes: blockBytes - place };
      planes.push({ name, ...run, strideBytes, stepBytes, columns, lines });
    }
    sizeBytes += blockBytes;
  }
  return { strideBytes: planes[0]?.strideBytes ?? 0, sizeBytes, planes };
}

/** The planes of a picture that lies in `bytes`; arrays of the same memory, nothing is copied. */
export function planesOf({ planes }: BufferShape, bytes: Uint8Array): Plane[] {
  return planes.map((plane) => ({
    ...plane,
    bytes: bytes.subarray(plane.offsetBytes, plane.offsetBytes + plane.sizeBytes),
  }));
}

/** What is wrong with the sides of a picture; undefined when nothing is. */
function problemOfSides(format: PixelFormat, widthPx: number, heightPx: number): string | undefined {
  if (format === pixelFormat.blob) {
    if (!isSide(widthPx, maxBlobBytes)) return `a BLOB has 1 to ${maxBlobBytes} bytes, not ${widthPx}`;
    return heightPx === 1 ? undefined : `height of a BLOB is 1, not ${heightPx}`;
  }
  const { name, blocks } = formats[format];
  for (const [side, px] of Object.entries({ width: widthPx, height: heightPx })) {
    if (!isSide(px, maxSidePx)) return `${side} of a buffer is 1 to ${maxSidePx} px, not ${px}`;
    if (blocks.some(({ subsampling }) => px % subsampling !== 0))
      return `${side} of a ${name} buffer is even, not ${px}`;
  }
  return undefined;
}

const isSide = (value: number, most: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= most;
