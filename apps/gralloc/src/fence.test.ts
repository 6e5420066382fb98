/** Fences over real shared words: which points are reached, and every way for a wait to end while the buffer lives. */
import { getEventListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type FenceHolder, openFence } from './fence.js';
import { openFenceRegion } from './testing/fence-region.js';

const isCurrent = () => true;
const inMs = (ms: number) => process.hrtime.bigint() + BigInt(ms) * 1_000_000n;

let region: ReturnType<typeof openFenceRegion>;
beforeEach(() => {
  region = openFenceRegion();
});
const fenceOf = (holder: FenceHolder = { isCurrent }) => openFence(region, region.word, holder);

describe('points', () => {
  test('begin at 0 and go up by one, each told to who waits', () => {
    const fence = fenceOf();
    expect(fence.point).toBe(0);
    expect([fence.advance(), fence.advance(), fence.advance()]).toEqual([1, 2, 3]);
    expect([fence.point, region.word.load(), region.signals()]).toEqual([3, 3, 3]);
  });

  test('wrap at 2³²: the one behind the last number is 0, and later', async () => {
    const fence = fenceOf();
    region.word.store(0xffff_fffe);
    expect([fence.advance(), fence.advance(), fence.advance(), fence.point]).toEqual([0xffff_ffff, 0, 1, 1]);
    for (const point of [0xffff_fffe, 0xffff_ffff, 0, 1]) expect(await fence.reached(point)).toBe('reached');
    expect(await fence.reached(2, { deadlineNs: inMs(0) })).toBe('timed-out');
  });

  test('are reached with every later one, and with none of the half that lies ahead', async () => {
    const fence = fenceOf();
    const u32 = fc.oneof(fc.nat(2 ** 32 - 1), fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1));
    const property = fc.asyncProperty(u32, u32, async (seen, behind) => {
      region.word.store(seen);
      const point = Number(BigInt.asUintN(32, BigInt(seen) - BigInt(behind)));
      const outcome = await fence.reached(point, { deadlineNs: 0n });
      expect(outcome).toBe(behind < 2 ** 31 ? 'reached' : 'timed-out');
    });
    await fc.assert(property, { numRuns: 1000 });
  });
});

test('an advance ends although a hostile party changes the word under each try', () => {
  let flips = 0;
  const fence = fenceOf({
    isCurrent() {
      region.word.store(1000 + flips++);
      return true;
    },
  });
  const point = fence.advance();
  expect(flips).toBeGreaterThan(2);
  expect([typeof point, region.signals()]).toEqual(['number', 1]);
});

test('an advance that another one overtakes is the next one', () => {
  let overtaking = () => void region.word.add(1);
  const fence = fenceOf({
    isCurrent() {
      overtaking();
      overtaking = () => {};
      return true;
    },
  });
  expect([fence.advance(), region.word.load()]).toEqual([2, 2]);
});

describe('a wait', () => {
  test('sleeps through points before its own, and ends at once with it', async () => {
    const fence = fenceOf();
    let ended = false;
    const waiting = fence.reached(3).finally(() => {
      ended = true;
    });
    for (let point = 1; point < 3; point++) {
      await nextTurn();
      fence.advance();
      await nextTurn();
      expect([region.sleeping(), ended]).toEqual([1, false]);
    }
    fence.advance();
    expect(await waiting).toBe('reached');
    expect(region.sleeping()).toBe(0);
  });

  test('for a point that was reached does not sleep, whatever its deadline and its signal say', async () => {
    const fence = fenceOf();
    fence.advance();
    expect(await fence.reached(1, { deadlineNs: 0n, signal: AbortSignal.abort() })).toBe('reached');
  });

  test('ends with its deadline, and not before', async () => {
    const deadlineNs = inMs(30);
    expect(await fenceOf().reached(1, { deadlineNs })).toBe('timed-out');
    expect(process.hrtime.bigint()).toBeGreaterThanOrEqual(deadlineNs);
    expect(region.sleeping()).toBe(0);
  });

  test('ends with its deadline even when a hostile party changes the word for ever', async () => {
    const fence = fenceOf();
    let flips = 0;
    let stopped = false;
    const flipping = (async () => {
      while (!stopped) {
        // Among numbers that all lie behind the point.
        region.word.store(0xffff_0000 + (flips++ & 0xff));
        region.signal();
        await nextTurn();
      }
    })();
    const deadlineNs = inMs(40);
    expect(await fence.reached(1, { deadlineNs })).toBe('timed-out');
    expect(process.hrtime.bigint()).toBeGreaterThanOrEqual(deadlineNs);
    stopped = true;
    await flipping;
    expect(flips).toBeGreaterThan(1);
  });

  test('without a deadline finds out by itself that the buffer has gone, and not before', async () => {
    let current = true;
    const waiting = fenceOf({ isCurrent: () => current }).reached(1);
    const looked = vi.spyOn(region, 'waitWhile');
    await expect.poll(() => looked.mock.calls.length, { timeout: 10_000 }).toBe(1);
    current = false;
    expect(await waiting).toBe('gone');
    expect(region.sleeping()).toBe(0);
  });

  test('passes the reason of its signal on', async () => {
    const fence = fenceOf({ isCurrent, letGo: new AbortController().signal });
    const aborting = new AbortController();
    const reason = new Error('enough');
    const waiting = expect(fence.reached(1, { signal: aborting.signal })).rejects.toBe(reason);
    expect(region.sleeping()).toBe(1);
    aborting.abort(reason);
    await waiting;
    expect(region.sleeping()).toBe(0);
    await expect(fence.reached(1, { signal: aborting.signal })).rejects.toBe(reason);
  });

  test('of a region that closes rejects with what the region says', async () => {
    const waiting = expect(fenceOf().reached(1)).rejects.toMatchObject({ code: 'EBADF' });
    region.close();
    await waiting;
  });

  test('leaves no listener on the signals that it was given', async () => {
    const lettingGo = new AbortController();
    const aborting = new AbortController();
    const fence = fenceOf({ isCurrent, letGo: lettingGo.signal });
    for (let point = 1; point <= 20; point++) {
      const waiting = fence.reached(point, { signal: aborting.signal });
      fence.advance();
      expect(await waiting).toBe('reached');
    }
    const left = [lettingGo, aborting].map(({ signal }) => getEventListeners(signal, 'abort').length);
    expect(left).toEqual([0, 0]);
  });
});
