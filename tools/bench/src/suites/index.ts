// Every bench by name, in the order in which they run.
import type { Bench } from '../bench.js';

export const benches: readonly Bench[] = [];
