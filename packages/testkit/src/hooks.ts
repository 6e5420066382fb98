// What a test file sets up once, in a line: things that all its tests share, and the proof, after each test and after
// all of them, that nothing is left. Only a file that vitest runs can import this one.

import { aroundAll, aroundEach } from 'vitest';
import { assertNothingLeft, snapshot } from './leak-guard.js';

/** Whatever a test of this file (or `describe`) leaves behind makes it red, its own hooks included. */
export function guardLeaks(): void {
  aroundEach(async (runTest) => {
    const before = snapshot();
    await runTest();
    await assertNothingLeft(before);
  });
}

/**
 * Opened before the first test of this file (or `describe`), closed after the last one; the file is red when that leaves
 * something behind. The next one may be opened from this one: it is closed first, and this one is closed even when the
 * next one cannot be opened. Tests use the members of what is returned as if it were the thing itself.
 */
export function sharedByTests<T extends Disposable | AsyncDisposable>(open: () => T | Promise<T>): T {
  let shared: T | undefined;
  aroundAll(async (runTests) => {
    const before = snapshot();
    {
      await using opened = await open();
      shared = opened;
      await runTests();
    }
    shared = undefined;
    await assertNothingLeft(before);
  });
  return standInFor(() => {
    if (shared === undefined)
      throw new Error('what tests share is there while they run, neither before nor after');
    return shared;
  });
}

/** Stands where the thing is not there yet. It has members to be read and called, nothing to be written or spread. */
function standInFor<T extends object>(thing: () => T): T {
  return new Proxy(Object.freeze({}) as T, {
    get(_, key) {
      const owner = thing();
      const member: unknown = Reflect.get(owner, key);
      // Private members are the thing's own, not its stand-in's.
      return typeof member === 'function' ? member.bind(owner) : member;
    },
    ownKeys() {
      throw new TypeError('what tests share is read member by member');
    },
  });
}
