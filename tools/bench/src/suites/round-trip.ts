// The two rows of every round trip, median and 99th percentile, in µs.
import type { Comparison } from '../alternate.js';
import type { Figures } from '../c-program.js';
import { type Goal, type MeasuredRow, row } from '../row.js';

export interface RoundTrip {
  readonly name: string;
  readonly anchorName: string;
  readonly figures: Readonly<Record<Figures, Comparison>>;
  readonly goals: { readonly p50?: Goal; readonly p99?: Goal };
}

export function roundTripRows({ name, anchorName, figures, goals }: RoundTrip): readonly MeasuredRow[] {
  const one = (part: 'p50' | 'p99', { ours, anchor, spread }: Comparison) => {
    const goal = goals[part];
    const parts = {
      name: `${name}/${part}`,
      unit: 'µs',
      ours: ours / 1000,
      anchor: anchor / 1000,
      anchorName,
    };
    return row({ ...parts, spread, ...(goal && { goal }) });
  };
  return [one('p50', figures.p50Ns), one('p99', figures.p99Ns)];
}
