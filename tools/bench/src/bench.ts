// One bench: a name to ask for, and the rows that it measures together in one run.
import type { MeasuredRow } from './row.js';

export interface BenchContext {
  readonly signal: AbortSignal;
  /** Rounds of each side; the median over them is reported. */
  readonly rounds: number;
  /** Progress, for the person who waits: stderr. */
  say(text: string): void;
}

export interface Bench {
  /** `suite/bench`; its rows are named `suite/bench/…` or just this. */
  readonly name: string;
  /** Another suite whose rows are to be read beside this one's. */
  readonly alsoIn?: string;
  /** One line for the list of names. */
  readonly about: string;
  run(context: BenchContext): Promise<readonly MeasuredRow[]>;
}

export class UnknownBenchError extends Error {}

/** The benches that `only` names: a suite (`signal`) or one bench (`signal/futex`); all when absent. */
export function selectBenches(all: readonly Bench[], only: string | undefined): readonly Bench[] {
  if (only === undefined) return all;
  const chosen = all.filter(
    ({ name, alsoIn }) => name === only || name.startsWith(`${only}/`) || alsoIn === only,
  );
  if (chosen.length > 0) return chosen;
  const suites = [...new Set(all.map(({ name }) => name.slice(0, name.indexOf('/'))))];
  const benches = all.map(({ name, about }) => `  ${name.padEnd(28)} ${about}`);
  throw new UnknownBenchError(
    `no bench is named '${only}'. Suites: ${suites.join(', ')}. Benches:\n${benches.join('\n')}`,
  );
}
