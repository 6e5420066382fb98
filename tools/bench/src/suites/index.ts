// Every bench by name, in the order in which they run.
import type { Bench } from '../bench.js';
import { halfToHalf } from './half-to-half.js';
import { killToFree } from './kill-to-free.js';
import { tableBenches } from './table.js';
import { wordsBenches } from './words.js';

export const benches: readonly Bench[] = [...wordsBenches, halfToHalf, ...tableBenches, killToFree];
