// A peer that never rests: every wait of the half ends at once, and a half that only ever awaits such waits keeps its
// whole process busy. No other wait, no timer, no signal to end would get its turn.

import { signallableWords } from '@vsoc/vsoc/layout';
import type { Case, CaseContext } from '../case.js';
import { openDoorbells } from '../doorbells.js';
import { bySide, exchange } from '../exchange.js';
import { within } from '../expectations.js';
import { type Side, waitOf } from '../hal.js';

export const hostLeavesTurns: Case = {
  name: 'the host half leaves its event loop the turns when the guest never rests',
  appliesTo: (hal) => waitOf(hal, 'host') !== undefined,
  run: (context) => leavesTurns(context, 'host'),
};

export const guestLeavesTurns: Case = {
  name: 'the guest half leaves its event loop the turns when the host never rests',
  appliesTo: (hal) => waitOf(hal, 'guest') !== undefined,
  run: (context) => leavesTurns(context, 'guest'),
};

const answers = 10;

async function leavesTurns(context: CaseContext, side: Side): Promise<void> {
  const { rig, hal } = context;
  const pair = await rig.openBoth(hal);
  await exchange(hal, pair);
  const { half, peer } = bySide(pair, side);
  await peer.close();
  const mark = half === pair.teller ? await half.tell() : undefined;
  const restless = peersWords(context, side);
  using _kept = await keepWords(context, restless);
  // A half that leaves no turn answers nothing before its time is over.
  const what = `a turn of the ${side} half's event loop`;
  const busy = half.keepBusy(waitOf(hal, side) ?? 'hear', mark, { restless, boundMs: 2 * rig.patienceMs });
  busy.done.catch(() => {}); // it is closed in the middle of it
  await within(rig.patienceMs, busy.begun, what);
  for (let answer = 0; answer < answers; answer++) await within(rig.patienceMs, half.epoch(), what);
  await half.close();
}

/** Puts the words back in the end, so that the peer that comes next finds what its predecessor left. */
async function keepWords({ rig, hal }: CaseContext, indices: readonly number[]): Promise<Disposable> {
  const [region] = hal.regions;
  const doorbells = await openDoorbells(rig.serverSocket, region?.name ?? '');
  const words = new Int32Array(doorbells.window);
  const honest = indices.map((index) => Atomics.load(words, index));
  return {
    [Symbol.dispose]() {
      for (const [i, index] of indices.entries()) Atomics.store(words, index, honest[i] as number);
      doorbells[Symbol.dispose]();
    },
  };
}

/** Indices in the window of the words that the other side signals. */
function peersWords({ rig, hal }: CaseContext, side: Side): number[] {
  return hal.regions.flatMap((definition) => {
    const region = rig.layout.regions.find(({ name }) => name === definition.name);
    if (!region) return [];
    return signallableWords(definition, region)
      .filter(({ signalledBy }) => signalledBy !== side)
      .map(({ offset }) => (region.beginOffset + offset) / 4);
  });
}
