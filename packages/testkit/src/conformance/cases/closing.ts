// Closing: ends waits, refuses from then on, leaves nothing, and may be done twice.

import { readdirSync } from 'node:fs';
import type { Case, CaseContext } from '../case.js';
import { bySide, exchange } from '../exchange.js';
import { isDocumented, rejection, within } from '../expectations.js';
import { type Operation, type Side, waitOf } from '../hal.js';
import { type OpenHalf, usualBoundMs } from '../half-process.js';

const sides: readonly Side[] = ['guest', 'host'];
const operations: readonly Operation[] = ['tell', 'hear', 'look', 'untilAnswered'];

export const closingEndsWaits: Case = {
  name: 'closing a half ends its wait at once',
  appliesTo: (hal) => sides.some((side) => waitOf(hal, side)),
  async run({ rig, hal }) {
    for (const side of sides) {
      const verb = waitOf(hal, side);
      if (!verb) continue;
      const pair = await rig.openBoth(hal);
      await exchange(hal, pair);
      const { half, peer } = bySide(pair, side);
      await peer.close();
      const mark = half === pair.teller ? await half.tell() : undefined;
      const wait = half.operate(verb, mark, usualBoundMs);
      await wait.begun;
      await half.dispose();
      const what = `the wait of the ${side} half that was closed`;
      const error = await within(rig.patienceMs, rejection(wait.done, what), what);
      if (!isDocumented(error)) throw error;
    }
  },
};

export const closesTwice: Case = {
  name: 'closing a half twice is closing it once',
  async run({ rig, hal }) {
    for (const side of sides) {
      const half = await rig.open(hal, side);
      await half.dispose();
      await half.dispose();
    }
  },
};

export const closedRefuses: Case = {
  name: 'a closed half refuses whatever it is asked for',
  async run(context) {
    const { rig, hal } = context;
    const pair = await rig.openBoth(hal);
    await exchange(hal, pair);
    const mark = await pair.teller.tell();
    for (const half of [pair.teller, pair.listener]) {
      await half.dispose();
      await refusesAll(context, half, mark);
    }
  },
};

async function refusesAll({ rig, hal }: CaseContext, half: OpenHalf, mark: Parameters<OpenHalf['look']>[0]) {
  for (const operation of operations) {
    if (!hal[half.side][operation]) continue;
    const { done } = half.operate(operation, mark, usualBoundMs);
    const what = `${operation} of the closed ${half.side} half`;
    const error = await within(rig.patienceMs, rejection(done, what), what);
    if (!isDocumented(error)) throw error;
  }
}

export const leavesNothing: Case = {
  name: 'nothing is left: no descriptor, no mapping, no process, no file',
  async run({ rig, hal }) {
    const own = await rig.another();
    try {
      await own.guest.boot();
      const before = filesIn(own.runDirs.host);
      const pair = await own.openBoth(hal);
      await exchange(hal, pair);
      const settled = { settleMs: rig.patienceMs };
      await pair.teller.close(settled);
      await pair.listener.close(settled);
      const left = filesIn(own.runDirs.host).filter((file) => !before.includes(file));
      if (left.length > 0) throw new Error(`left behind in the run directory: ${left.join(', ')}`);
    } finally {
      // Rejects when a process had to be forced, or when it, a socket or the run directory is still there.
      await own.end();
    }
  },
};

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}
