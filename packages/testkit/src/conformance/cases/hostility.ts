// Hostile words: whatever the other side writes, a half does not crash, does not hang, throws what it documents and
// nothing else, and works again once the words make sense.

import { type Attack, openAttack } from '../attack.js';
import type { Case, CaseContext } from '../case.js';
import { bySide, exchange, pairOf } from '../exchange.js';
import { isDocumented, within } from '../expectations.js';
import type { Hal, Mark, Operation, Side } from '../hal.js';
import type { OpenHalf } from '../half-process.js';
import { HalfError } from '../messages.js';

/** Long enough to fall asleep in, short enough to do often. */
const operationBoundMs = 20;

export const hostHoldsOut: Case = {
  name: 'the host half holds out against hostile words',
  run: (context) => holdsOut(context, 'host'),
};

export const guestHoldsOut: Case = {
  name: 'the guest half holds out against hostile words',
  run: (context) => holdsOut(context, 'guest'),
};

async function holdsOut({ rig, hal }: CaseContext, side: Side): Promise<void> {
  const pair = await rig.openBoth(hal);
  await exchange(hal, pair);
  const { half, peer } = bySide(pair, side);
  const use: Use = { hal, mark: await pair.teller.tell(), patienceMs: rig.patienceMs };
  {
    using attack = await openAttack(rig.serverSocket, rig.layout, hal.regions);
    await useDuringSweep(attack, half, peer, use);
    for (const value of attack.values) {
      attack.flood(value);
      await useAll(half, use);
    }
    if (hal.afterAttack === 'restored') attack.restore();
  }
  // What the attack made of the peer is the other case's business.
  await peer.process.kill();
  await exchange(hal, pairOf(hal, half, await rig.open(hal, peer.side)));
}

interface Use {
  readonly hal: Hal;
  readonly mark: Mark;
  readonly patienceMs: number;
}

/** The attacked half is used without a break, and its peer goes on as honestly as it can. */
async function useDuringSweep(attack: Attack, half: OpenHalf, peer: OpenHalf, use: Use): Promise<void> {
  const ending = new AbortController();
  const sweeping = attack.sweep(ending.signal).finally(() => ending.abort());
  const peering = (async () => {
    while (!ending.signal.aborted && !peer.process.isGone) await useAll(peer, use).catch(() => {});
  })();
  try {
    do await useAll(half, use);
    while (!ending.signal.aborted);
  } finally {
    ending.abort();
    await sweeping;
    await peering;
  }
}

/** Each operation once; throws for one that hangs, and for an error that no half documents. */
async function useAll(half: OpenHalf, { hal, mark, patienceMs }: Use): Promise<void> {
  const operations: readonly Operation[] = ['tell', 'hear', 'look', 'untilAnswered'];
  for (const operation of operations) {
    if (!hal[half.side][operation]) continue;
    const what = `${operation} of the ${half.side} half among hostile words`;
    try {
      await within(patienceMs, half.operate(operation, mark, operationBoundMs).done, what);
    } catch (error) {
      if (!(error instanceof HalfError)) throw error;
      // The bound of the operation shows as the abort of its signal.
      if (!isDocumented(error) && error.name !== 'TimeoutError') {
        throw new Error(`${what}: ${error.name}: ${error.message}`, { cause: error });
      }
    }
  }
}
