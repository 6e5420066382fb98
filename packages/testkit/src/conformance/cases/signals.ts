// Signals: a half that sleeps is woken by the doorbell. A half that forgets to signal still works, a second late,
// because the slow timer heals it; so the doorbells themselves are listened to.

import type { Case, CaseContext } from '../case.js';
import { type Doorbells, openDoorbells } from '../doorbells.js';
import { arrives, exchange, expectSame, show } from '../exchange.js';
import { within } from '../expectations.js';
import { type Side, tellerOf, waitOf } from '../hal.js';

export const signalsHost: Case = {
  name: 'a signal of the guest half rings the host and ends its wait',
  appliesTo: (hal) => waitOf(hal, 'host') !== undefined,
  run: (context) => wakes(context, 'host'),
};

export const signalsGuest: Case = {
  name: 'a signal of the host half rings the guest and ends its wait',
  appliesTo: (hal) => waitOf(hal, 'guest') !== undefined,
  run: (context) => wakes(context, 'guest'),
};

const quietMs = 50;

async function wakes({ rig, hal }: CaseContext, sleeper: Side): Promise<void> {
  const pair = await rig.openBoth(hal);
  const { teller, listener } = pair;
  // What the window still had to say is out of the way then.
  await exchange(hal, pair);
  const doorbells = await Promise.all(hal.regions.map(({ name }) => openDoorbells(rig.serverSocket, name)));
  try {
    const isHeard = sleeper === 'host' || rig.guest.slowTimer === 'on';
    const ringsOnce = isHeard ? await expectRing(doorbells, sleeper, rig.patienceMs) : async () => {};
    if (sleeper === tellerOf(hal)) {
      const mark = await teller.tell();
      const answered = teller.untilAnswered(mark);
      await answered.begun;
      await arrives(hal, pair, mark);
      if ((await answered.done) === 'timed-out') throw new Error(`${show(mark)} was not answered in time`);
    } else {
      const heard = listener.hear();
      await heard.begun;
      const mark = await teller.tell();
      expectSame(await heard.done, mark);
    }
    await ringsOnce();
  } finally {
    for (const doorbell of doorbells) doorbell[Symbol.dispose]();
  }
}

/** Waits for silence; the answer rejects unless a doorbell toward `side` has rung since. */
async function expectRing(
  doorbells: readonly Doorbells[],
  side: Side,
  patienceMs: number,
): Promise<() => Promise<void>> {
  const count = () => doorbells.reduce((sum, doorbell) => sum + doorbell.rings(side), 0);
  let before = -1;
  for (let quiet = 0; quiet < 2; quiet++) {
    if (before !== count()) quiet = 0;
    before = count();
    await pause(quietMs);
  }
  return async () => {
    const heard = async () => {
      while (count() === before) await pause(1);
    };
    await within(patienceMs, heard(), `the doorbell toward the ${side} (only the slow timer ended its wait)`);
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
