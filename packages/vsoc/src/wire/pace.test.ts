// Who pays for the loop's time, who does not, and how long one that has spent everything waits.
import { beforeEach, describe, expect, test } from 'vitest';
import { Pace } from './pace.js';

let nowMs: number;
let sleptMs: number;
let pace: Pace;
const clock = { nowMs: () => nowMs, sleptMs: () => sleptMs };

beforeEach(() => {
  nowMs = 1000;
  sleptMs = 500;
  pace = new Pace(clock, 0);
});

/** Serves `client` for so long; true: it has spent its credit. */
function serve(client: number, spanMs: number): boolean {
  const sinceMs = nowMs;
  nowMs += spanMs;
  pace.charge(client, sinceMs);
  return pace.isSpent(client);
}

/** The loop has nothing to do. */
function sleep(spanMs: number): void {
  nowMs += spanMs;
  sleptMs += spanMs;
}

/** The loop has not slept for long. */
function keepAwake(): void {
  serve(99, 0.3);
}

/** How many turns of 0.01 ms `client` gets before it is spent, the loop being awake for long. */
function turnsUntilSpent(client: number): number {
  keepAwake();
  for (let turns = 1; turns < 10_000; turns++) if (serve(client, 0.01)) return turns;
  throw new Error('it is never spent');
}

/** The part of the time that `client` gets of a loop that serves it whenever it may. */
function shareOf(client: number): number {
  const beginMs = nowMs;
  let servedMs = 0;
  while (nowMs < beginMs + 1000) {
    if (pace.isSpent(client)) sleep(1);
    else {
      serve(client, 0.01);
      servedMs += 0.01;
    }
  }
  return servedMs / 1000;
}

describe('a client that lets the loop sleep', () => {
  test('after each of its turns never pays', () => {
    for (let i = 0; i < 1000; i++) {
      expect(serve(1, 0.1)).toBe(false);
      sleep(0.001);
    }
  });

  test('after 0.15 ms of turns never pays, whoever else is served in between', () => {
    for (let i = 0; i < 5000; i++) {
      expect([serve(1, 0.01), serve(2, 0.01)]).toEqual([false, false]);
      if (i % 7 === 0) sleep(0.001);
    }
  });
});

describe('a client that keeps the loop awake', () => {
  test('is spent, and gets a twentieth of the time from then on', () => {
    turnsUntilSpent(1);
    const share = shareOf(1);
    expect(share).toBeGreaterThan(0.04);
    expect(share).toBeLessThan(0.0505);
  });

  test('pays from then on, however long the loop sleeps while it waits', () => {
    turnsUntilSpent(1);
    sleep(2);
    let turns = 0;
    for (; !pace.isSpent(1); turns++) serve(1, 0.01);
    expect(turns).toBeLessThan(11);
  });

  test('until it has caught up', () => {
    turnsUntilSpent(1);
    sleep(2);
    pace.caughtUp(1);
    for (let i = 0; i < 15; i++) expect(serve(1, 0.01)).toBe(false);
  });

  test('does not spend what is another’s', () => {
    serve(2, 0.01);
    turnsUntilSpent(1);
    expect([pace.isSpent(1), pace.isSpent(2)]).toEqual([true, false]);
  });
});

test('a client that was quiet for long has a burst of 2 ms and no more', () => {
  turnsUntilSpent(1);
  sleep(100_000);
  pace.caughtUp(1);
  const turns = turnsUntilSpent(1);
  expect(turns).toBeGreaterThan(160);
  expect(turns).toBeLessThan(200);
});

test('one that never came before has a twentieth of a millisecond', () => {
  expect(turnsUntilSpent(1)).toBeLessThan(6);
});

test('of a turn that took long by the wall’s clock half a millisecond counts: others may have had the core', () => {
  keepAwake();
  serve(1, 10_000);
  expect(pace.isSpent(1)).toBe(true);
  sleep(11);
  expect(pace.isSpent(1)).toBe(false);
});

test('nobody pays for the first thousand turns, which are slow by themselves', () => {
  pace = new Pace(clock);
  for (let turn = 0; turn < 1000; turn++) expect(serve(1, 1)).toBe(false);
  expect(turnsUntilSpent(1)).toBeLessThan(6);
});

describe('clients that do not come any more', () => {
  test('are forgotten when they have nothing to be held against them', () => {
    for (let client = 0; client < 1000; client++) {
      serve(client, 0.3);
      sleep(10);
    }
    expect(pace.clientCount).toBeLessThanOrEqual(64);
  });

  test('are remembered while they have', () => {
    turnsUntilSpent(0);
    for (let client = 1; client < 99; client++) serve(client, 0.001);
    expect(pace.isSpent(0)).toBe(true);
  });
});
