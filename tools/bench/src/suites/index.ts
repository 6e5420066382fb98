// Every bench by name, in the order in which they run.
import type { Bench } from '../bench.js';
import { claimBench } from './claim.js';
import { firstFrameBenches } from './first-frame.js';
import { floodBenches } from './flood.js';
import { grallocBenches } from './gralloc.js';
import { halfToHalf } from './half-to-half.js';
import { killToFree } from './kill-to-free.js';
import { ringBenches } from './ring.js';
import { still } from './still.js';
import { tableBenches } from './table.js';
import { vmBench } from './vm.js';
import { wordsBenches } from './words.js';

const signal: readonly Bench[] = [...wordsBenches, halfToHalf, ...tableBenches];
const budget: readonly Bench[] = [...firstFrameBenches, still, killToFree];

export const benches: readonly Bench[] = [
  ...signal,
  claimBench,
  ...grallocBenches,
  ...ringBenches,
  ...budget,
  ...floodBenches,
  vmBench,
];
