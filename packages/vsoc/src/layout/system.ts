/**
 * Region 0, which every window of ours begins with: who the guest is right now. It is what makes a guest's restart
 * visible (inside a VM nothing else shows it), and it keeps managers off index 0, where they cannot be.
 */
import { atomicU32, struct } from '@vsoc/struct';
import { defineRegion } from './region.js';

/** What `guestState` holds. */
export const guestState = {
  /** No guest driver has been here yet, or it left in good order. One that was killed leaves `running` behind. */
  down: 0,
  /** A driver wipes what its predecessor left; its device nodes are not open yet. */
  starting: 1,
  /** Device nodes are open. */
  running: 2,
} as const;

export const system = defineRegion({
  name: 'system',
  version: { current: 1, minCompatible: 1 },
  doc: 'Which life of the guest this is, and whether it goes on.',
  data: struct(
    'system_data',
    'Written by the guest driver, but for the test of atomicity; read by everybody.',
    {
      guestEpoch: atomicU32({
        unit: 'lives of the guest',
        signalledBy: 'guest',
        doc: 'raised by one when a guest driver starts, before its nodes open; 0 = none yet, so a wrap skips it',
      }),
      guestState: atomicU32({ doc: '0 down, 1 starting, 2 running' }),
      heartbeat: atomicU32({
        unit: 'beats',
        doc: 'raised about once a second while the guest driver runs; never signalled; wraps',
      }),
      atomicsAsked: atomicU32({
        unit: 'tests',
        signalledBy: 'guest',
        doc: 'raised by one when a guest driver asks whether its locked instructions are atomic against the host',
      }),
      atomicsAnswered: atomicU32({
        unit: 'tests',
        doc: 'written by the server: `atomics_asked` as it was, once the server has added its share',
      }),
      atomicsAdded: atomicU32({ unit: 'additions', doc: "the server's share in this test, so far" }),
      atomicsSum: atomicU32({ unit: 'additions', doc: 'both sides add 1 to it, at the same time' }),
    },
  ),
});
