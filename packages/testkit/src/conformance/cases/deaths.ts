// Deaths without a last word: SIGKILL to a half, SIGKILL to the guest.

import type { Case, CaseContext } from '../case.js';
import { arrives, bySide, exchange, expectSame, isAnswered, type Pair, pairOf } from '../exchange.js';
import { isDocumented, rejection, within } from '../expectations.js';
import { type Hal, type Mark, waitOf } from '../hal.js';
import { type Asked, usualBoundMs } from '../half-process.js';

export const survivesTeller: Case = {
  name: 'a half that listens outlives the half that tells, and hears the next one',
  run: (context) => survives(context, 'teller'),
};

export const survivesListener: Case = {
  name: 'a half that tells outlives the half that listens, and is answered by the next one',
  run: (context) => survives(context, 'listener'),
};

async function survives({ rig, hal }: CaseContext, victim: keyof Pair): Promise<void> {
  const pair = await rig.openBoth(hal);
  await exchange(hal, pair);
  // Where the next half runs, its start may take as long as anything that is waited for.
  const boundMs = usualBoundMs + rig.patienceMs;
  const hearing = victim === 'teller' ? sleepingListener(hal, pair, boundMs) : undefined;
  const waiting = victim === 'listener' ? await sleepingTeller(hal, pair, boundMs) : undefined;
  await (hearing ?? waiting)?.begun;
  await pair[victim].process.kill();
  const next = { ...pair, [victim]: await rig.open(hal, pair[victim].side) };
  const mark = await next.teller.tell();
  // The wait that was under way is the one that the next half ends; so it hears nothing twice.
  if (hearing) expectSame(await hearing.done, mark);
  else await arrives(hal, next, mark);
  await isAnswered(hal, next, mark);
  if ((await waiting?.done) === 'timed-out') throw new Error('the wait that was under way never ended');
  await exchange(hal, next);
}

function sleepingListener(hal: Hal, { listener }: Pair, boundMs: number): Asked<Mark> | undefined {
  return hal[listener.side].hear && listener.hear(boundMs);
}

/** Tells, and waits for the answer of a half that will not give it. */
async function sleepingTeller(
  hal: Hal,
  { teller }: Pair,
  boundMs = usualBoundMs,
): Promise<Asked<unknown> | undefined> {
  const mark = await teller.tell();
  return hal[teller.side].untilAnswered && teller.untilAnswered(mark, boundMs);
}

export const reportsCrash: Case = {
  name: 'the guest half reports the crash of the guest',
  appliesTo: (hal) => hal.guest.tell !== undefined || waitOf(hal, 'guest') !== undefined,
  async run({ rig, hal }) {
    const pair = await rig.openBoth(hal);
    await exchange(hal, pair);
    const { half } = bySide(pair, 'guest');
    const wait = hal.guest.hear ? half.hear() : await sleepingTeller(hal, pair);
    await wait?.begun;
    await rig.guest.crash();
    // A half that never waits finds out when it is used.
    const end = wait ? wait.done : half.tell();
    const error = await within(rig.patienceMs, rejection(end, 'the guest half after the crash'), 'the loss');
    if (!isDocumented(error)) throw error;
  },
};

export const outlivesCrash: Case = {
  name: 'the host half goes on with the next guest, whose epoch is another one',
  async run({ rig, hal }) {
    const pair = await rig.openBoth(hal);
    await exchange(hal, pair);
    const { half: host, peer: crashed } = bySide(pair, 'host');
    const before = await host.epoch();
    await rig.guest.crash();
    await crashed.process.kill();
    await rig.guest.boot();
    const guest = await rig.open(hal, 'guest');
    if ((await host.epoch()) === before) throw new Error(`the next guest has epoch ${before} again`);
    await exchange(hal, pairOf(hal, host, guest));
  },
};
