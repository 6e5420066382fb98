// The board of threads that block: with a place, without one, and what is looked at last.
import { expect, test } from 'vitest';
import { createSleepers, enterSleeper, sleepOnBoard, sleptOn } from './sleepers.js';

/** As workers leave it that were terminated in their sleep. */
function fullBoard(): Int32Array {
  const board = createSleepers();
  while (enterSleeper(board, 4) !== undefined) {
    /* until there is no place */
  }
  return board;
}

const never = () => {
  throw new Error('nobody sleeps here');
};

test('who sleeps stands on the board, and leaves it however the wait ends', () => {
  const board = createSleepers();
  let seen: number[] = [];
  const end = sleepOnBoard(board, {
    offset: 8,
    hasChanged: () => false,
    sleep(isOnBoard) {
      seen = [...sleptOn(board)];
      return isOnBoard ? 'stopped' : undefined;
    },
  });
  expect([end, seen, [...sleptOn(board)]]).toEqual(['stopped', [8], []]);
  expect(() => sleepOnBoard(board, { offset: 8, hasChanged: () => false, sleep: never })).toThrow();
  expect([...sleptOn(board)]).toEqual([]);
});

test('a full board refuses nobody: the word is looked at after each sleep', () => {
  const board = fullBoard();
  const sleeps: boolean[] = [];
  const end = sleepOnBoard(board, {
    offset: 8,
    hasChanged: () => sleeps.length === 2,
    sleep: (isOnBoard) => void sleeps.push(isOnBoard),
  });
  expect([end, sleeps, new Set(sleptOn(board))]).toEqual(['changed', [false, false], new Set([4])]);
});

test('a place that becomes free is taken between two sleeps', () => {
  const board = fullBoard();
  const sleeps: boolean[] = [];
  sleepOnBoard(board, {
    offset: 8,
    hasChanged: () => sleeps.length === 2,
    sleep(isOnBoard) {
      sleeps.push(isOnBoard);
      Atomics.store(board, 5, 0);
      return undefined;
    },
  });
  expect(sleeps).toEqual([false, true]);
});

test('a word that changed by the time of the deadline has changed', () => {
  let isChanged = false;
  const end = sleepOnBoard(createSleepers(), {
    offset: 8,
    hasChanged: () => isChanged,
    sleep() {
      isChanged = true;
      return 'timed-out';
    },
  });
  expect(end).toBe('changed');
});
