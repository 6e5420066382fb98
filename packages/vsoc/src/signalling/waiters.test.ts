// The waits on one region's words: the words decide, hints only count.
import { describe, expect, test } from 'vitest';
import { createWaiters, type Waiter, type Waiters } from './waiters.js';

interface Sleeper extends Waiter {
  /** What onChanged was called with, once for each call. */
  readonly endings: number[];
}

function sleeper(offset: number, value: number, onEnd: () => void = () => {}): Sleeper {
  const endings: number[] = [];
  return {
    offset,
    value,
    wakes: 0,
    endings,
    onChanged(wakes) {
      endings.push(wakes);
      onEnd();
    },
    onClosed: () => {},
  };
}

function setUp(): { words: Int32Array; waiters: Waiters } {
  const words = new Int32Array(new SharedArrayBuffer(64));
  return { words, waiters: createWaiters({ words }) };
}

describe('add', () => {
  test('ends the wait at once where the word differs already, with no wake counted', () => {
    const { waiters } = setUp();
    const early = sleeper(4, 1);
    waiters.add(early);
    expect([early.endings, waiters.size]).toEqual([[0], 0]);
  });

  test('sleeps while the word has the value', () => {
    const { waiters } = setUp();
    const waiting = sleeper(4, 0);
    waiters.add(waiting);
    expect([waiting.endings, waiters.size]).toEqual([[], 1]);
  });

  test('compares as unsigned numbers', () => {
    const { words, waiters } = setUp();
    words[1] = -1;
    const waiting = sleeper(4, 0xffff_ffff);
    waiters.add(waiting);
    expect(waiting.endings).toEqual([]);
  });
});

describe('test', () => {
  test('releases exactly those whose word differs, whatever was hinted at', () => {
    const { words, waiters } = setUp();
    const [changed, same] = [sleeper(4, 0), sleeper(8, 0)];
    for (const each of [changed, same]) waiters.add(each);
    words[1] = 5;
    expect(waiters.test(new Set([8]))).toBe(1);
    expect([changed.endings, same.endings, waiters.size]).toEqual([[1], [], 1]);
  });

  test('releases all who wait on one word', () => {
    const { words, waiters } = setUp();
    const all = [sleeper(4, 0), sleeper(4, 0), sleeper(4, 0)];
    for (const each of all) waiters.add(each);
    words[1] = 1;
    expect(waiters.test()).toBe(3);
    expect(all.map(({ endings }) => endings)).toEqual([[1], [1], [1]]);
  });

  test('counts a wake for a hinted sleeper that goes on sleeping, and none for the others', () => {
    const { words, waiters } = setUp();
    const [hinted, other] = [sleeper(4, 0), sleeper(8, 0)];
    for (const each of [hinted, other]) waiters.add(each);
    waiters.test(new Set([4]));
    waiters.test(new Set([4]));
    waiters.test();
    words[1] = 1;
    words[2] = 1;
    waiters.test(new Set([4]));
    expect([hinted.endings, other.endings]).toEqual([[3], [1]]);
  });

  test('ends a wait once', () => {
    const { words, waiters } = setUp();
    const waiting = sleeper(4, 0);
    waiters.add(waiting);
    words[1] = 1;
    expect([waiters.test(), waiters.test(), waiting.endings]).toEqual([1, 0, [1]]);
  });

  test('leaves alone whom a released one removes', () => {
    const { words, waiters } = setUp();
    const second = sleeper(4, 0);
    const first = sleeper(4, 0, () => waiters.remove(second));
    for (const each of [first, second]) waiters.add(each);
    words[1] = 1;
    expect([waiters.test(), second.endings, waiters.size]).toEqual([1, [], 0]);
  });

  test('counts no wake for one who came while others were released', () => {
    const { words, waiters } = setUp();
    const late = sleeper(4, 1);
    const first = sleeper(4, 0, () => waiters.add(late));
    waiters.add(first);
    words[1] = 1;
    waiters.test(new Set([4]));
    expect([late.wakes, late.endings, waiters.size]).toEqual([0, [], 1]);
  });
});

describe('testOne', () => {
  test('releases whose word differs, once, with no wake counted, and nobody else', () => {
    const { words, waiters } = setUp();
    const [own, other] = [sleeper(4, 0), sleeper(4, 0)];
    for (const each of [own, other]) waiters.add(each);
    words[1] = 1;
    expect([waiters.testOne(own), waiters.test()]).toEqual(['changed', 1]);
    expect([own.endings, other.endings]).toEqual([[0], [1]]);
  });

  test('leaves one whose word is the same asleep', () => {
    const { waiters } = setUp();
    const waiting = sleeper(4, 0);
    waiters.add(waiting);
    expect([waiters.testOne(waiting), waiting.endings, waiters.size]).toEqual(['unchanged', [], 1]);
  });
});

test('due counts who sleeps although the word differs', () => {
  const { words, waiters } = setUp();
  for (const offset of [4, 4, 8]) waiters.add(sleeper(offset, 0));
  expect(waiters.due()).toBe(0);
  words[1] = 1;
  expect(waiters.due()).toBe(2);
});

test('removeAll takes everybody out and ends nobody', () => {
  const { words, waiters } = setUp();
  const all = [sleeper(4, 0), sleeper(8, 0)];
  for (const each of all) waiters.add(each);
  expect(waiters.removeAll()).toEqual(all);
  words[1] = 1;
  expect([waiters.size, waiters.test(), all.flatMap(({ endings }) => endings)]).toEqual([0, 0, []]);
});

test('a removed waiter is not tested any more', () => {
  const { words, waiters } = setUp();
  const waiting = sleeper(4, 0);
  waiters.add(waiting);
  waiters.remove(waiting);
  words[1] = 1;
  expect([waiters.test(), waiters.due(), waiting.endings]).toEqual([0, 0, []]);
});
