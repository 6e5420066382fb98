// The suite judges: the sample passes every case, and each broken HAL fails the one that was made for it. (That it fails
// no other is the full tier's business.)

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { brokenHals } from '../src/conformance/broken.js';
import {
  type CaseName,
  conformanceCases,
  type Hal,
  openRig,
  type Rig,
  runCase,
} from '../src/conformance/index.js';
import { sample, sampleHal } from '../src/conformance/sample.js';
import { clearWords, moduleUrl } from './fixtures/sample-words.js';

/** What the case says of its broken HAL. */
const verdicts: Readonly<Record<CaseName, RegExp>> = {
  opensAndCloses: /opened it already/,
  refusesLaterWindow: /opening the guest half: expected an error/,
  refusesEarlierWindow: /opening the host half: expected an error/,
  signalsHost: /doorbell toward the host/,
  signalsGuest: /doorbell toward the guest/,
  survivesTeller: /EBUSY/,
  survivesListener: /EBUSY/,
  reportsCrash: /the loss: not over/,
  outlivesCrash: /ESTALE/,
  hostHoldsOut: /hear of the host half among hostile words: RangeError/,
  guestHoldsOut: /untilAnswered of the guest half among hostile words: not over/,
  hostLeavesTurns: /a turn of the host half's event loop: not over/,
  guestLeavesTurns: /a turn of the guest half's event loop: not over/,
  closingEndsWaits: /the wait of the guest half that was closed: not over/,
  closesTwice: /closed already/,
  closedRefuses: /tell of the closed guest half: expected an error/,
  leavesNothing: /left behind:\ndescriptor .* \/dev\/null/,
};

/** What these do wrong shows in what does not come: their time goes into waiting for it. */
const hanging: ReadonlySet<CaseName> = new Set([
  'signalsHost',
  'signalsGuest',
  'reportsCrash',
  'guestHoldsOut',
  'hostLeavesTurns',
  'guestLeavesTurns',
  'closingEndsWaits',
  'leavesNothing',
]);
const patienceMs = 3000;
const names = Object.keys(conformanceCases) as CaseName[];

describe('the conformance suite', () => {
  let rig: Rig;
  let impatient: Rig;
  beforeAll(async () => {
    rig = await openRig({ regions: [sample], moduleUrl });
    impatient = await openRig({ regions: [sample], moduleUrl, patienceMs });
  });
  afterAll(async () => {
    await rig.end();
    await impatient.end();
  });
  // What one HAL left in the words is not the next one's affair.
  beforeEach(async () => {
    await clearWords(rig);
    await clearWords(impatient);
  });

  it.each(names)('%s: the sample passes', async (name) => {
    await runCase(conformanceCases[name], { rig, hal: sampleHal as unknown as Hal });
  });

  it.each(names)('%s: its broken HAL fails', async (name) => {
    const context = { rig: hanging.has(name) ? impatient : rig, hal: brokenHals[name] };
    const verdict = runCase(conformanceCases[name], context);
    await expect(verdict).rejects.toThrow(verdicts[name]);
  });
});
