// Who pays for the loop's time, who does not, and how long one that has spent everything waits.
import { beforeEach, describe, expect, test } from 'vitest';
import { Pace } from './pace.js';

let nowMs: number;
let sleptMs: number;
let pace: Pace;

beforeEach(() => {
  nowMs = 1000;
  sleptMs = 500;
  pace = new Pace({ nowMs: () => nowMs, sleptMs: () => sleptMs });
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

/** How many turns of 0.01 ms `client` gets before it is spent. */
function turnsUntilSpent(client: number): number {
  for (let turns = 1; turns < 10_000; turns++) if (serve(client, 0.01)) return turns;
  throw new Error('it is never spent');
}

/** As a loop that serves `client` whenever it may, for `spanMs`: the part of the time that it got. */
function shareOver(spanMs: number, client: number): number {
  const endMs = nowMs + spanMs;
  let servedMs = 0;
  while (nowMs < endMs) {
    if (pace.isSpent(client)) sleep(1);
    else {
      serve(client, 0.02);
      servedMs += 0.02;
    }
  }
  return servedMs / spanMs;
}

test('a client that lets the loop sleep in between never pays', () => {
  for (let i = 0; i < 1000; i++) {
    expect(serve(1, 0.1)).toBe(false);
    sleep(0.001);
  }
});

test('one that does not is spent, and gets a tenth of the time from then on', () => {
  turnsUntilSpent(1);
  const share = shareOver(1000, 1);
  expect(share).toBeGreaterThan(0.08);
  expect(share).toBeLessThan(0.105);
});

test('that the loop sleeps while a spent client waits makes nothing free for it', () => {
  turnsUntilSpent(1);
  sleep(1.2);
  expect(pace.isSpent(1)).toBe(false);
  const turns = turnsUntilSpent(1);
  expect(turns).toBeGreaterThan(5);
  expect(turns).toBeLessThan(12);
});

test('a spent client that is served all the same pays, whether the loop slept or not', () => {
  turnsUntilSpent(1);
  for (let i = 0; i < 10; i++) {
    serve(1, 0.1);
    sleep(0.01);
  }
  sleep(8);
  expect(pace.isSpent(1)).toBe(true);
});

test('others are not spent by it, and pay only for themselves', () => {
  serve(2, 0.01);
  turnsUntilSpent(1);
  expect([pace.isSpent(1), pace.isSpent(2)]).toEqual([true, false]);
});

describe('a client that', () => {
  test('was quiet for long has a burst of 2 ms and no more', () => {
    serve(1, 0.01);
    sleep(100_000);
    const turns = turnsUntilSpent(1);
    expect(turns).toBeGreaterThan(160);
    expect(turns).toBeLessThan(200);
  });

  test('never came before has a slice of 0.1 ms', () => {
    serve(2, 0.01);
    expect(turnsUntilSpent(1)).toBeLessThan(12);
  });

  test('has spent everything waits until it has a slice again, not just some credit', () => {
    turnsUntilSpent(1);
    sleep(0.5);
    expect(pace.isSpent(1)).toBe(true);
    sleep(1);
    expect(pace.isSpent(1)).toBe(false);
  });
});

test('one long turn, whoever had the core meanwhile, is forgiven within 21 ms', () => {
  serve(1, 0.01);
  serve(1, 10_000);
  expect(pace.isSpent(1)).toBe(true);
  sleep(20);
  expect(pace.isSpent(1)).toBe(true);
  sleep(1.1);
  expect(pace.isSpent(1)).toBe(false);
});

describe('clients that do not come any more', () => {
  test('are forgotten when they have nothing to be held against them', () => {
    for (let client = 0; client < 1000; client++) {
      serve(client, 0.01);
      sleep(1);
    }
    expect(pace.clientCount).toBeLessThanOrEqual(64);
  });

  test('are remembered while they have', () => {
    turnsUntilSpent(0);
    for (let client = 1; client < 100; client++) serve(client, 0.001);
    expect(pace.isSpent(0)).toBe(true);
  });
});
