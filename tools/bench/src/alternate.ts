// Alternation: ours, anchor, ours, anchor … in one run, so that a machine that slows down or is shared slows
// both; what is reported is the median over rounds, with the spread beside it.
import { median, spread } from './statistics.js';

/** One side of a comparison. A round yields its figures by name, in the same unit on both sides. */
export interface Contestant<Figure extends string> {
  round(signal: AbortSignal): Promise<Readonly<Record<Figure, number>>>;
}

export interface Comparison {
  readonly ours: number;
  readonly anchor: number;
  readonly spread: { readonly ours: number; readonly anchor: number };
}

/**
 * Runs `rounds` rounds of each side in turn, after one of each that is thrown away (pages, caches, compiled
 * code), and compares the medians.
 */
export async function alternate<Figure extends string>(
  sides: { readonly ours: Contestant<Figure>; readonly anchor: Contestant<Figure> },
  { rounds, signal }: { readonly rounds: number; readonly signal: AbortSignal },
): Promise<Readonly<Record<Figure, Comparison>>> {
  const ours: Readonly<Record<Figure, number>>[] = [];
  const anchor: Readonly<Record<Figure, number>>[] = [];
  for (let round = -1; round < rounds; round++) {
    for (const [side, kept] of [
      [sides.ours, ours],
      [sides.anchor, anchor],
    ] as const) {
      signal.throwIfAborted();
      const figures = await side.round(signal);
      if (round >= 0) kept.push(figures);
    }
  }
  const [first] = ours;
  if (first === undefined) throw new RangeError(`rounds is ${rounds}: at least one is needed`);
  const figures = Object.keys(first) as Figure[];
  return Object.fromEntries(
    figures.map((figure) => [
      figure,
      compare(
        ours.map((one) => one[figure]),
        anchor.map((one) => one[figure]),
      ),
    ]),
  ) as Record<Figure, Comparison>;
}

function compare(ours: readonly number[], anchor: readonly number[]): Comparison {
  return {
    ours: median(ours),
    anchor: median(anchor),
    spread: { ours: spread(ours), anchor: spread(anchor) },
  };
}
