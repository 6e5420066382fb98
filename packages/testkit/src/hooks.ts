// What a test file sets up, in a line each: things that all its tests share, things that each test has anew, and the proof
// that nothing of a test, and nothing of them all, is left. Only a file that vitest runs can import this one.

import { aroundAll, aroundEach } from 'vitest';
import { assertNothingLeft, snapshot } from './leak-guard.js';

export interface GuardOptions {
  /** For a file that leaves something behind on purpose: how long it has time to go. */
  readonly settleMs?: number;
}

/** Whatever a test of this file (or `describe`) leaves behind makes it red, its own hooks included. */
export function guardLeaks({ settleMs }: GuardOptions = {}): void {
  aroundEach((runTest) => leavingNothing(runTest, settleMs));
}

/**
 * Opened before the first test of this file (or `describe`), closed after the last one; the file is red when that leaves
 * something behind. The next one may be opened from this one: it is closed first, and this one is closed even when the
 * next one cannot be opened. Tests use the members of what is returned as if it were the thing itself.
 */
export function sharedByTests<T extends Disposable | AsyncDisposable>(
  open: Open<T>,
  { settleMs }: GuardOptions = {},
): T {
  const place: Place<T> = { thing: undefined };
  aroundAll((runTests) => leavingNothing(() => withThingIn(place, open, runTests), settleMs));
  return standInFor(place);
}

/** The same for each test anew, around its hooks; what that leaves behind is for `guardLeaks` to see, called before. */
export function freshForEachTest<T extends Disposable | AsyncDisposable>(open: Open<T>): T {
  const place: Place<T> = { thing: undefined };
  aroundEach((runTest) => withThingIn(place, open, runTest));
  return standInFor(place);
}

type Open<T> = () => T | Promise<T>;

interface Place<T> {
  thing: T | undefined;
}

async function leavingNothing(run: () => Promise<void>, settleMs?: number): Promise<void> {
  const before = snapshot();
  await run();
  await assertNothingLeft(before, settleMs);
}

async function withThingIn<T extends Disposable | AsyncDisposable>(
  place: Place<T>,
  open: Open<T>,
  run: () => Promise<void>,
): Promise<void> {
  await using thing = await open();
  place.thing = thing;
  // Whatever of it fails is vitest's to report: this does not throw.
  await run();
  place.thing = undefined;
}

/** Stands where the thing is not there yet. It has members to be read and called, nothing to be written or spread. */
function standInFor<T extends object>(place: Place<T>): T {
  return new Proxy(Object.freeze({}) as T, {
    get(_, key) {
      const { thing } = place;
      if (thing === undefined)
        throw new Error('what tests have is there while they run, neither before nor after');
      const member: unknown = Reflect.get(thing, key);
      // Private members are the thing's own, not its stand-in's.
      return typeof member === 'function' ? member.bind(thing) : member;
    },
    ownKeys() {
      throw new TypeError('what tests have is read member by member');
    },
  });
}
