/** Who stops waiting has the reason at once, and nothing that comes later is kept. */
import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { orAborted } from './abandon.js';

function openPending() {
  const settlers: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const promise = new Promise<string>((resolve, reject) => settlers.push({ resolve, reject }));
  const late: string[] = [];
  const aborting = new AbortController();
  const waiting = orAborted(promise, aborting.signal, (value) => late.push(value));
  return { ...(settlers[0] as (typeof settlers)[0]), late, aborting, waiting };
}
const listeners = ({ signal }: AbortController) => getEventListeners(signal, 'abort').length;
const reason = new Error('enough');

test('what comes in time is the caller’s, and no listener stays', async () => {
  const { resolve, late, aborting, waiting } = openPending();
  expect(listeners(aborting)).toBe(1);
  resolve('token');
  expect(await waiting).toBe('token');
  aborting.abort(reason);
  expect([late, listeners(aborting)]).toEqual([[], 0]);
});

test('an error passes through', async () => {
  const { reject, aborting, waiting } = openPending();
  reject(new Error('refused'));
  await expect(waiting).rejects.toThrow('refused');
  expect(listeners(aborting)).toBe(0);
});

test('an abort rejects at once with its reason, and what comes later is let go of, once', async () => {
  const { resolve, late, aborting, waiting } = openPending();
  aborting.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  expect(late).toEqual([]);
  resolve('token');
  await nextTurn();
  expect([late, listeners(aborting)]).toEqual([['token'], 0]);
});

test('an abort between answer and waiter lets go of the answer', async () => {
  const { resolve, late, aborting, waiting } = openPending();
  resolve('token');
  aborting.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  expect(late).toEqual(['token']);
});

test('an error after the abort is nobody’s', async () => {
  const { reject, aborting, waiting } = openPending();
  aborting.abort(reason);
  reject(new Error('refused'));
  await expect(waiting).rejects.toBe(reason);
  await nextTurn();
});

test('a signal that fired before is found out', async () => {
  const late: string[] = [];
  const waiting = orAborted(Promise.resolve('token'), AbortSignal.abort(reason), (value) => late.push(value));
  await expect(waiting).rejects.toBe(reason);
  expect(late).toEqual(['token']);
});
