// A HAL that is there to be tried: the smallest that has all that the suite looks at. The broken ones beside it are this
// one with a single thing wrong.

import { atomicU32, struct } from '@vsoc/struct';
import type { GuestDevice, GuestRegion } from '@vsoc/vsoc/guest';
import type { HostDevice, HostRegion } from '@vsoc/vsoc/host';
import { defineRegion } from '@vsoc/vsoc/layout';
import type { Bound, Hal } from './hal.js';
import { hearing } from './hearing.js';

export const sample = defineRegion({
  name: 'sample',
  version: { current: 2, minCompatible: 1 },
  doc: 'One word each way.',
  data: struct('sample_data', 'What the halves say.', {
    said: atomicU32({ signalledBy: 'guest', doc: 'raised by one with each thing said; wraps' }),
    heard: atomicU32({ signalledBy: 'host', doc: 'what `said` was when the host half last looked' }),
    lock: atomicU32({ doc: 'for broken halves alone' }),
  }),
});

export interface SampleGuest extends Disposable {
  say(): number;
  untilHeard(said: number, bound: Bound): Promise<'heard' | 'timed-out'>;
}

export interface SampleHost extends Disposable {
  listen(options: { signal: AbortSignal }): AsyncIterable<number>;
}

export function sampleGuest(region: GuestRegion<typeof sample>): SampleGuest {
  const { said, heard } = region.data;
  return {
    say() {
      const before = said.add(1);
      region.signalPeer(said);
      return (before + 1) >>> 0;
    },
    async untilHeard(what, bound) {
      for (;;) {
        const count = heard.load();
        if (((count - what) | 0) >= 0) return 'heard';
        if (process.hrtime.bigint() >= bound.deadlineNs) return 'timed-out';
        await region.waitWhile(heard, count, bound);
      }
    },
    [Symbol.dispose]: () => region[Symbol.dispose](),
  };
}

export function sampleHost(region: HostRegion<typeof sample>): SampleHost {
  const { said, heard } = region.data;
  return {
    async *listen({ signal }) {
      let last = heard.load();
      for (;;) {
        const count = said.load();
        if (count !== last) {
          last = count;
          heard.store(count);
          region.signalPeer(heard);
          yield count;
        }
        await region.waitWhile(said, count, { signal });
      }
    },
    [Symbol.dispose]: () => region[Symbol.dispose](),
  };
}

export async function openSampleGuest(device: GuestDevice): Promise<SampleGuest> {
  return sampleGuest(await device.open(sample));
}

export async function openSampleHost(device: HostDevice): Promise<SampleHost> {
  return sampleHost(await device.open(sample));
}

export const sampleHal: Hal<SampleGuest, SampleHost, number> = {
  name: 'sample',
  regions: [sample],
  guest: {
    open: ({ device }) => openSampleGuest(device),
    tell: (half) => half.say(),
    untilAnswered: (half, said, bound) => half.untilHeard(said, bound),
  },
  host: {
    open: ({ device }) => openSampleHost(device),
    hear: hearing(
      (half, options) => half.listen(options),
      (count) => count,
    ),
  },
};
