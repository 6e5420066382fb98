// Where a label fits into a run, and how large: the more it says the better, as long as it can be read.
import type { Rectangle } from './rows.js';
import { element, type TextStyle, text, textWidth } from './svg.js';

export interface LabelStyle {
  readonly fill: string;
  /** Painted behind the text, where it would stand on a hatch. */
  readonly behind?: string;
}

type Lines = readonly string[];

const largestSize = 13;
const smallestSize = 8;
/** Two lines of less are harder to read than one that is larger. */
const smallestOfTwo = 11;
const lineGap = 4;

/** The first of `variants` that fits into one of the rectangles, in the largest of those; else nothing. */
export function label(
  variants: readonly Lines[],
  rectangles: readonly Rectangle[],
  style: LabelStyle,
): string {
  const largestFirst = [...rectangles].sort((a, b) => b.width * b.height - a.width * a.height);
  for (const lines of variants) {
    for (const rectangle of largestFirst) {
      const size = fittingSize(lines, rectangle);
      if (size !== undefined) return written(lines, rectangle, { ...style, size });
    }
  }
  return '';
}

function fittingSize(lines: Lines, { width, height }: Rectangle): number | undefined {
  const isOne = lines.length === 1;
  const size = Math.min(largestSize, isOne ? height - 2 : Math.floor(height / lines.length) - lineGap);
  const isLegible = size >= (isOne ? smallestSize : smallestOfTwo);
  return isLegible && boxWidth(lines, size) <= width ? size : undefined;
}

const boxWidth = (lines: Lines, size: number): number =>
  Math.max(...lines.map((line, index) => textWidth(line, styleOf(lines, index, size)))) + 8;

/** Of several lines the first is a heading. */
const styleOf = (lines: Lines, index: number, size: number): TextStyle => ({
  size,
  anchor: 'middle',
  ...(index === 0 && lines.length > 1 ? { weight: 'bold' as const } : {}),
});

function written(
  lines: Lines,
  { x, y, width, height }: Rectangle,
  { size, fill, behind }: LabelStyle & { readonly size: number },
): string {
  const lineHeight = size + lineGap;
  const middle = x + width / 2;
  const first = y + height / 2 - ((lines.length - 1) * lineHeight) / 2;
  const texts = lines.map((line, index) =>
    text(line, middle, first + index * lineHeight, { ...styleOf(lines, index, size), fill }),
  );
  if (behind === undefined) return texts.join('');
  const box = { width: boxWidth(lines, size), height: Math.min(height - 2, lines.length * lineHeight + 2) };
  const place = { x: middle - box.width / 2, y: y + (height - box.height) / 2 };
  return element('rect', { ...place, ...box, fill: behind }) + texts.join('');
}
