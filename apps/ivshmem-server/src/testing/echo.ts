// A region for tests: a number goes to the guest and comes back.
import { atomicU32, struct } from '@vsoc/struct';
import { defineRegion } from '@vsoc/vsoc/layout';

export const echo = defineRegion({
  name: 'echo',
  version: { current: 1, minCompatible: 1 },
  doc: 'A number that goes to the guest and comes back.',
  data: struct('echo_data', 'Each word is written by one side alone.', {
    ping: atomicU32({ signalledBy: 'host', doc: 'raised by one for each trip' }),
    pong: atomicU32({ signalledBy: 'guest', doc: 'what the guest saw in ping' }),
  }),
});
