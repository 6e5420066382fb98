// Samples of one round on our side, in nanoseconds of CLOCK_MONOTONIC, kept out of the way of the thing that is
// measured: one clock read at either end, one store into a typed array.
import type { Figures, RoundSize } from './c-program.js';
import { percentile } from './statistics.js';

export interface Stopwatch {
  start(): void;
  /** Ends trip number `trip`; those of the warm-up do not count. */
  stop(trip: number): void;
  /** Percentiles; `per` is how many operations one sample holds. */
  figures(per?: number): Record<Figures, number>;
}

export function createStopwatch({ trips, warmUp }: RoundSize): Stopwatch {
  const samplesNs = new BigInt64Array(trips);
  let startNs = 0n;
  return {
    start() {
      startNs = process.hrtime.bigint();
    },
    stop(trip) {
      const spanNs = process.hrtime.bigint() - startNs;
      if (trip >= warmUp) samplesNs[trip - warmUp] = spanNs;
    },
    figures(per = 1) {
      const samples = Float64Array.from(samplesNs, Number);
      return { p50Ns: percentile(samples, 50) / per, p99Ns: percentile(samples, 99) / per };
    },
  };
}
