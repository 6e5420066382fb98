// The arithmetic of every row: percentiles by nearest rank (as c/bench.h has it), medians over rounds, and
// speed, the one figure that is compared between machines.

/** Nearest rank: the smallest sample that at least `percent` % of all samples do not exceed. */
export function percentile(samples: ArrayLike<number>, percent: number): number {
  if (samples.length === 0) throw new RangeError('percentile of no samples');
  if (!(percent >= 0 && percent <= 100)) throw new RangeError(`percent is ${percent}, not within 0 to 100`);
  const sorted = Float64Array.from(samples).sort();
  const rank = Math.max(1, Math.ceil((sorted.length * percent) / 100));
  return sorted[rank - 1] as number;
}

/** The middle one, or the mean of the middle two. */
export function median(values: ArrayLike<number>): number {
  if (values.length === 0) throw new RangeError('median of no values');
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Distance from the lowest to the highest value, as a share of the median: how restless the machine was. */
export function spread(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = median(sorted);
  return middle === 0 ? 0 : ((sorted[sorted.length - 1] as number) - (sorted[0] as number)) / middle;
}

/** 'cost': less is better (µs, MiB). 'rate': more is better (GB/s, frames per second). */
export type Direction = 'cost' | 'rate';

/** How many times as fast as the anchor: 1 is level, above 1 is ahead. */
export function speedOf(direction: Direction, ours: number, anchor: number): number {
  const [numerator, divisor] = direction === 'cost' ? [anchor, ours] : [ours, anchor];
  if (!(numerator >= 0 && divisor > 0)) {
    throw new RangeError(`no speed from ours ${ours} and anchor ${anchor}: both must be positive`);
  }
  return numerator / divisor;
}

/** For people and JSON: no more digits than a measurement has. */
export function rounded(value: number, significantDigits = 4): number {
  return Number(value.toPrecision(significantDigits));
}
