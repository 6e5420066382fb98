import { afterEach, beforeEach, expect, test } from 'vitest';
import { DisposableStack } from './disposable-stack.js';
import { type FutexOutcome, futexWait, futexWake } from './futex.js';
import { createSealedMemfd } from './memfd.js';
import { startPeer } from './testing/peer.js';
import { until } from './testing/proc.js';
import { mapWindow } from './window-mapping.js';

const sizeBytes = 0x1_0000;
let scope: DisposableStack;
let memfd: number;
let words: Int32Array;

beforeEach(() => {
  scope = new DisposableStack();
  memfd = scope.use(createSealedMemfd('futex', sizeBytes)).fd;
  words = new Int32Array(scope.use(mapWindow(memfd, sizeBytes)).buffer);
});
afterEach(() => scope.dispose());

function startSleeper() {
  return scope.use(startPeer('sleep', { fds: [memfd] }));
}

test('a wake reaches a sleeper in another process', async () => {
  const sleeper = startSleeper();
  await sleeper.said();
  await until(() => futexWake(words, 0) === 1);
  expect(await sleeper.said()).toBe('woken');
});

test('a count of one wakes one of two sleepers', async () => {
  const sleepers = [startSleeper(), startSleeper()];
  for (const sleeper of sleepers) await sleeper.said();
  const outcomes = sleepers.map((sleeper) => sleeper.said());
  let woken = 0;
  await until(() => {
    const now = futexWake(words, 0, 1);
    expect(now).toBeLessThanOrEqual(1);
    woken += now;
    return woken === 2;
  });
  expect(await Promise.all(outcomes)).toEqual(['woken', 'woken']);
});

test('a signal that cuts a wait short says so', async () => {
  const sleeper = startSleeper();
  await sleeper.said();
  let outcome: unknown;
  void sleeper.said().then((said) => {
    outcome = said;
  });
  await until(() => {
    sleeper.child.kill('SIGUSR1');
    return outcome !== undefined;
  });
  expect(outcome).toBe('interrupted');
});

test('a word that changed already is told apart, whatever the deadline', () => {
  words[0] = 1;
  expect(futexWait(words, 0, 0)).toBe('changed');
  expect(futexWait(words, 0, 0, 0n)).toBe('changed');
});

test('signed and unsigned spellings of a word mean the same bits', () => {
  words[0] = -1;
  expect(futexWait(words, 0, -1, 0n)).toBe('timed-out');
  expect(futexWait(words, 0, 0xffff_ffff, 0n)).toBe('timed-out');
});

test('a deadline is absolute on the clock of hrtime, and never early', () => {
  const deadlineNs = process.hrtime.bigint() + 20_000_000n;
  let outcome: FutexOutcome;
  do outcome = futexWait(words, 0, 0, deadlineNs);
  while (outcome === 'interrupted'); // by SIGCHLD: the sleepers of earlier tests end now
  expect(outcome).toBe('timed-out');
  expect(process.hrtime.bigint()).toBeGreaterThanOrEqual(deadlineNs);
  expect(futexWait(words, 0, 0, deadlineNs)).toBe('timed-out');
});

test('a wake with nobody asleep wakes nobody', () => {
  expect(futexWake(words, 3)).toBe(0);
});

test('words outside the array, and what is no word, are refused', () => {
  expect(() => futexWake(words, words.length)).toThrow(/0 to 16383, seen 16384/);
  expect(() => futexWait(words, -1, 0)).toThrow(/seen -1/);
  expect(() => futexWake(new Uint32Array(1) as unknown as Int32Array, 0)).toThrow(
    /Int32Array, seen Uint32Array/,
  );
  expect(() => futexWake(words, 0, 0)).toThrow(/count to wake: expected an integer from 1/);
  expect(() => futexWait(words, 0, 0, -1n)).toThrow(/bigint from 0, seen -1/);
});
