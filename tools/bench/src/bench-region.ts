// The regions of the benches' own windows: one word each way, each on a cache line of its own, and an area to claim.
import { atomicU32, bytes, pad, struct } from '@vsoc/struct';
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

/** What a killed process held: one area, owned by one word of another region. */
export const areaBytes = 1024 * 1024;

export const benchManager = defineRegion({
  name: 'bench_manager',
  version: { current: 1, minCompatible: 1 },
  doc: 'Owner word of the one area of bench_memory.',
  data: struct('bench_manager_data', 'Written by the guest driver alone.', {
    owner: atomicU32({ signalledBy: 'guest', doc: 'who holds the area; 0 = free' }),
  }),
});

export const benchMemory = defineRegion({
  name: 'bench_memory',
  version: { current: 1, minCompatible: 1 },
  doc: 'One area that a process claims and loses.',
  managedBy: 'bench_manager',
  tail: bytes('area', { sizeBytes: areaBytes, doc: 'whatever its owner writes' }),
});
