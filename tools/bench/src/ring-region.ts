// The region of the ring benches: one byte ring from guest to host, as large as c/ring.c's.
import { bytes, nested, struct } from '@vsoc/struct';
import { defineRegion } from '@vsoc/vsoc/layout';
import { ringWords } from '@vsoc/vsoc/rings';

export const ringCapacityLog2 = 18;

/**
 * One sample: what is read between two looks at the clock. Some rings full, so that neither side only empties what the
 * other one left; short enough that most samples are over before the scheduler takes a core away.
 */
export const ringSampleBytes = 1024 * 1024;

export const ringRegion = defineRegion({
  name: 'bench_ring',
  version: { current: 1, minCompatible: 1 },
  doc: 'Bytes from a guest half to a host half.',
  data: struct('bench_ring_data', 'One ring.', {
    ring: nested(ringWords('guest'), { doc: 'its words' }),
  }),
  tail: bytes('ring', { log2Size: ringCapacityLog2, doc: 'whatever the guest half writes' }),
});
