// The heartbeat's region: one word each way. Each side writes its own word, signals it, and waits on the other's.
import { atomicU32, pad, struct } from '@vsoc/struct';
import { defineRegion } from '@vsoc/vsoc/layout';

export const heartbeat = defineRegion({
  name: 'heartbeat',
  version: { current: 1, minCompatible: 1 },
  doc: 'The guest beats, the host hears it.',
  data: struct('heartbeat_data', 'One word each way, each on a cache line of its own.', {
    beats: atomicU32({ unit: 'beats', signalledBy: 'guest', doc: 'raised by one with each beat; wraps' }),
    guestLine: pad(124),
    heard: atomicU32({
      unit: 'beats',
      signalledBy: 'host',
      doc: 'what `beats` was when the host half last looked',
    }),
  }),
});
