// The allocation algorithm, and nothing else: best fit among the gaps between live areas. It keeps no state, so an
// allocator that starts again sees the same gaps.

export interface Area {
  readonly beginOffset: number;
  /** Exclusive. */
  readonly endOffset: number;
}

export const sizeOf = ({ beginOffset, endOffset }: Area): number => endOffset - beginOffset;

/** Either an area of exactly `sizeBytes`, or how large the largest gap is. */
export type Placement = { readonly area: Area } | { readonly largestFreeBytes: number };

/**
 * The smallest gap of `space` between `live` areas (any order) that holds `sizeBytes`; lowest of equals. Areas come from
 * shared memory: overlapping ones, or ones outside `space`, cost room but never move the result out of it.
 */
export function placeArea(space: Area, live: readonly Area[], sizeBytes: number): Placement {
  const sorted = [...live].sort((a, b) => a.beginOffset - b.beginOffset);
  let best: Area | undefined;
  let largestFreeBytes = 0;
  let gapBegin = space.beginOffset;
  for (const next of [...sorted, { beginOffset: space.endOffset, endOffset: space.endOffset }]) {
    const gap = { beginOffset: gapBegin, endOffset: Math.min(next.beginOffset, space.endOffset) };
    const gapBytes = sizeOf(gap);
    largestFreeBytes = Math.max(largestFreeBytes, gapBytes);
    const fits = gapBytes >= sizeBytes;
    if (fits && (!best || gapBytes < sizeOf(best))) best = gap;
    gapBegin = Math.max(gapBegin, next.endOffset);
  }
  if (!best) return { largestFreeBytes };
  return { area: { beginOffset: best.beginOffset, endOffset: best.beginOffset + sizeBytes } };
}
