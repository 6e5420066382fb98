// What the cases do over and over: put something across and see that it arrives and is answered.

import { isDeepStrictEqual } from 'node:util';
import { type Hal, type Mark, type Side, tellerOf } from './hal.js';
import type { OpenHalf } from './half-process.js';

export interface Pair {
  readonly teller: OpenHalf;
  readonly listener: OpenHalf;
}

/** Two open halves, in either order. */
export function pairOf(hal: Hal, one: OpenHalf, other: OpenHalf): Pair {
  return one.side === tellerOf(hal) ? { teller: one, listener: other } : { teller: other, listener: one };
}

/** The half of `side`, and the one on the other side. */
export function bySide({ teller, listener }: Pair, side: Side): { half: OpenHalf; peer: OpenHalf } {
  return teller.side === side ? { half: teller, peer: listener } : { half: listener, peer: teller };
}

/** What an earlier life of the teller left may come out first, but not for ever. */
const hearLimit = 8;

/** Rejects when what the teller tells does not arrive, arrives as something else, or is not answered. */
export async function exchange(hal: Hal, pair: Pair): Promise<void> {
  const mark = await pair.teller.tell();
  await arrives(hal, pair, mark);
  await isAnswered(hal, pair, mark);
}

/** The listener finds `mark` by its own means. */
export async function arrives(hal: Hal, { listener }: Pair, mark: Mark): Promise<void> {
  if (hal[listener.side].look) {
    expectSame(await listener.look(mark), mark);
    return;
  }
  const heard: Mark[] = [];
  while (heard.length < hearLimit) {
    const next = await listener.hear().done;
    if (isDeepStrictEqual(next, mark)) return;
    heard.push(next);
  }
  throw new Error(`told ${show(mark)}, heard ${heard.map(show).join(', ')}`);
}

/** The teller is told that the listener dealt with `mark`, if the HAL has such a thing. */
export async function isAnswered(hal: Hal, { teller }: Pair, mark: Mark): Promise<void> {
  if (!hal[teller.side].untilAnswered) return;
  const outcome = await teller.untilAnswered(mark).done;
  if (outcome === 'timed-out') throw new Error(`${show(mark)} was not answered in time`);
}

export function expectSame(seen: Mark, expected: Mark): void {
  if (!isDeepStrictEqual(seen, expected)) throw new Error(`expected ${show(expected)}, saw ${show(seen)}`);
}

export function show(mark: unknown): string {
  return JSON.stringify(mark) ?? String(mark);
}
