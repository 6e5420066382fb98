/** Work that must not overlap: order, failures, and who gives up before its turn. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.js';

function work(log: string[], name: string, fails = false) {
  return async () => {
    log.push(`${name} begins`);
    await nextTurn();
    log.push(`${name} ends`);
    if (fails) throw new Error(name);
    return name;
  };
}

test('goes on one after the other, in the order of asking, whatever fails', async () => {
  const inTurn = oneAtATime();
  const log: string[] = [];
  const all = [work(log, 'a'), work(log, 'b', true), work(log, 'c')].map((one) => inTurn(one));
  // Asked for the moment that another one ends.
  const late = all[0]?.then(() => inTurn(work(log, 'd')));
  expect((await Promise.allSettled([...all, late])).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(log).toEqual(['a', 'b', 'c', 'd'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  expect(await inTurn(async () => 'again')).toBe('again');
});

test('who gives up is rejected at once, and its work never begins', async () => {
  const inTurn = oneAtATime();
  const log: string[] = [];
  const reason = new Error('gone');
  const leaving = new AbortController();
  const standing = new Promise<void>(() => {});
  void inTurn(() => standing);
  const waiting = [1, 2, 3].map((name) => inTurn(work(log, `${name}`), leaving.signal));
  leaving.abort(reason);
  for (const one of waiting) await expect(one).rejects.toBe(reason);
  await expect(inTurn(work(log, '4'), leaving.signal)).rejects.toBe(reason);
  expect(log).toEqual([]);
});

test('what has begun goes on to its end', async () => {
  const inTurn = oneAtATime();
  const log: string[] = [];
  const leaving = new AbortController();
  const first = inTurn(work(log, 'a'), leaving.signal);
  const second = inTurn(work(log, 'b'));
  leaving.abort(new Error('gone'));
  expect(await Promise.all([first, second])).toEqual(['a', 'b']);
});
