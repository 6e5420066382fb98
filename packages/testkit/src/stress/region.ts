// The regions of the stress runs: words that each side raises, with what the other side has seen of each beside them;
// and one area to claim.
import { array, atomicU32, bytes, struct } from '@vsoc/struct';
import { defineRegion, pageBytes } from '@vsoc/vsoc/layout';

/** Words in each direction. As many Workers block in a process when waiters are in Workers. */
export const wordCount = 4;

const raised = (by: 'guest' | 'host') =>
  array(atomicU32({ signalledBy: by, doc: 'raised by one for each signal; wraps' }), wordCount, {
    doc: `raised by the ${by}`,
  });
const seen = (by: 'guest' | 'host', doc: string) =>
  array(atomicU32({ signalledBy: by, doc: 'the last value seen' }), wordCount, { doc });

export const stressRegion = defineRegion({
  name: 'stress',
  version: { current: 1, minCompatible: 1 },
  doc: 'Words that are raised and signalled as fast as it goes.',
  data: struct('stress_data', 'Each word has one writer.', {
    up: raised('guest'),
    down: raised('host'),
    downSeen: seen('guest', 'what the guest has seen of `down`'),
    upSeenByFirst: seen('host', 'what the first host process has seen of `up`'),
    upSeenBySecond: seen('host', 'what the second host process has seen of `up`'),
  }),
});

export const claimsRegion = defineRegion({
  name: 'claims',
  version: { current: 1, minCompatible: 1 },
  doc: 'Manages the one area of `claimed`; where the claimants meet between rounds.',
  data: struct('claims_data', 'Written by all claimants but for the owner word.', {
    owner: atomicU32({
      signalledBy: 'guest',
      doc: 'who holds the area; 0 = free. The driver alone writes it',
    }),
    otherOwner: atomicU32({ signalledBy: 'guest', doc: 'for claims of the area that are not compatible' }),
    arrived: atomicU32({ doc: 'claimants that are ready for the next round' }),
    round: atomicU32({ signalledBy: 'guest', doc: 'the round that has begun' }),
    tried: atomicU32({ doc: 'claimants that have their answer' }),
    done: atomicU32({ signalledBy: 'guest', doc: 'the round in which all have their answer' }),
    wins: atomicU32({ doc: 'claims granted in this round' }),
  }),
});

export const claimedRegion = defineRegion({
  name: 'claimed',
  version: { current: 1, minCompatible: 1 },
  doc: 'One area that all claim.',
  managedBy: 'claims',
  tail: bytes('area', { sizeBytes: pageBytes, doc: 'its owner’s' }),
});
