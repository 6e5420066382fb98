// The region that the benches signal through: one word each way, each on a cache line of its own.
import { atomicU32, pad, struct } from '@vsoc/struct';
import { defineRegion } from '@vsoc/vsoc/layout';

export const benchRegion = defineRegion({
  name: 'bench',
  version: { current: 1, minCompatible: 1 },
  doc: 'A number that goes to the guest and comes back.',
  data: struct('bench_data', 'Each word is written by one side alone.', {
    ping: atomicU32({ signalledBy: 'host', doc: 'raised by one by the host half for each trip' }),
    pingLine: pad(124),
    pong: atomicU32({ signalledBy: 'guest', doc: 'what the guest half saw in ping' }),
    pongLine: pad(124),
  }),
});
