// The allocation algorithm, and nothing else: best fit among the free runs between live areas. It keeps no state, so an
// allocator that starts again sees the same runs; splitting and coalescing are what runs do by themselves.

export interface Area {
  readonly beginOffset: number;
  /** Exclusive. */
  readonly endOffset: number;
}

export const sizeOf = ({ beginOffset, endOffset }: Area): number => endOffset - beginOffset;

export const isOverlapping = (one: Area, other: Area): boolean =>
  one.beginOffset < other.endOffset && other.beginOffset < one.endOffset;

/** Either an area of exactly `sizeBytes`, or how large the largest free run is. */
export type Placement = { readonly area: Area } | { readonly largestFreeBytes: number };

/** In the smallest free run that holds `sizeBytes`, at its begin; in the lowest of equals. */
export function placeArea(space: Area, live: readonly Area[], sizeBytes: number): Placement {
  let best: Area | undefined;
  let largestFreeBytes = 0;
  for (const run of freeRuns(space, live)) {
    const runBytes = sizeOf(run);
    largestFreeBytes = Math.max(largestFreeBytes, runBytes);
    if (runBytes >= sizeBytes && (!best || runBytes < sizeOf(best))) best = run;
  }
  if (!best) return { largestFreeBytes };
  return { area: { beginOffset: best.beginOffset, endOffset: best.beginOffset + sizeBytes } };
}

/**
 * What of `space` no live area covers, by address. Areas (in any order) come from shared memory: overlapping ones, or
 * ones outside `space`, cost room but never move a run out of it.
 */
export function freeRuns(space: Area, live: readonly Area[]): Area[] {
  const sorted = [...live].sort((a, b) => a.beginOffset - b.beginOffset);
  const runs: Area[] = [];
  let { beginOffset } = space;
  for (const next of [...sorted, { beginOffset: space.endOffset, endOffset: space.endOffset }]) {
    const endOffset = Math.min(next.beginOffset, space.endOffset);
    if (endOffset > beginOffset) runs.push({ beginOffset, endOffset });
    beginOffset = Math.max(beginOffset, next.endOffset);
  }
  return runs;
}
