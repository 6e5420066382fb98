// Memory folded into rows, as text is into lines: where a run of bytes lies in the picture. Pure arithmetic, shared by the
// map and by the tests that look at its pixels.
import { pageBytes } from '@vsoc/vsoc/layout';
import { type Area, sizeOf } from '../areas.js';
import { short } from './svg.js';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Rows {
  /** Of the first row. */
  readonly beginOffset: number;
  readonly count: number;
  /** A power of two. */
  readonly bytesPerRow: number;
  readonly frame: Rectangle;
  readonly rowHeight: number;
}

export interface RowsOptions {
  readonly space: Area;
  readonly mostRows: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** A taller row is allowed where there are few. */
  readonly height: number;
}

export function rowsOf({ space, mostRows, height, ...place }: RowsOptions): Rows {
  const { beginOffset } = space;
  let bytesPerRow: number = pageBytes;
  while (bytesPerRow * mostRows < sizeOf(space)) bytesPerRow *= 2;
  const count = Math.ceil(sizeOf(space) / bytesPerRow);
  const rowHeight = Math.max(1, Math.floor(height / count));
  return { beginOffset, count, bytesPerRow, rowHeight, frame: { ...place, height: rowHeight * count } };
}

/** Up to three rectangles: the rest of its first row, whole rows, the beginning of its last. None is empty. */
export function rectanglesOf(rows: Rows, area: Area): Rectangle[] {
  const { bytesPerRow } = rows;
  const begin = area.beginOffset - rows.beginOffset;
  const end = area.endOffset - rows.beginOffset;
  const firstEnd = Math.min(end, Math.ceil(begin / bytesPerRow) * bytesPerRow);
  const lastBegin = Math.max(firstEnd, Math.floor(end / bytesPerRow) * bytesPerRow);
  const pieces = [
    [begin, firstEnd],
    [firstEnd, lastBegin],
    [lastBegin, end],
  ] as const;
  return pieces.filter(([from, to]) => from < to).map(([from, to]) => rectangleOf(rows, from, to));
}

/** Of bytes in one row, or of whole rows; both count from the first row. */
function rectangleOf({ frame, bytesPerRow, rowHeight }: Rows, begin: number, end: number): Rectangle {
  const row = Math.floor(begin / bytesPerRow);
  const rowCount = Math.ceil(end / bytesPerRow) - row;
  const scale = frame.width / bytesPerRow;
  return {
    x: frame.x + (begin % bytesPerRow) * scale,
    y: frame.y + row * rowHeight,
    width: ((end - begin) / rowCount) * scale,
    height: rowCount * rowHeight,
  };
}

/** The outline of a run as path data: one shape where its rectangles touch, else two. */
export function outlineOf(rows: Rows, area: Area): string {
  const rectangles = rectanglesOf(rows, area);
  const [first, second] = rectangles;
  const last = rectangles.at(-1);
  if (!first || !second || !last) return rectangles.map(box).join('');
  const touch = rectangles.length === 3 || last.x + last.width > first.x;
  if (!touch) return rectangles.map(box).join('');
  // Around a shape that lacks a piece at its upper left and one at its lower right.
  const right = rows.frame.x + rows.frame.width;
  const lastLines = last.width < rows.frame.width ? `V${short(last.y)}H${short(last.x + last.width)}` : '';
  const firstLines = first.x > rows.frame.x ? `V${short(second.y)}H${short(first.x)}` : '';
  const bottom = `V${short(last.y + last.height)}H${short(rows.frame.x)}`;
  return `M${short(first.x)} ${short(first.y)}H${short(right)}${lastLines}${bottom}${firstLines}Z`;
}

const box = ({ x, y, width, height }: Rectangle): string =>
  `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}Z`;
