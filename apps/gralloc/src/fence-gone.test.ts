/** Fences of a buffer that is freed, or let go of: their words are a later buffer's by then. */
import { beforeEach, describe, expect, test } from 'vitest';
import { type FenceHolder, openFence } from './fence.js';
import { openFenceRegion } from './testing/fence-region.js';

const inMs = (ms: number) => process.hrtime.bigint() + BigInt(ms) * 1_000_000n;

let region: ReturnType<typeof openFenceRegion>;
beforeEach(() => {
  region = openFenceRegion();
});
const fenceOf = (holder: FenceHolder) => openFence(region, region.word, holder);

describe('a buffer that is gone', () => {
  /** As buffer.ts has it: current until its holder lets go. */
  function openHolder() {
    const lettingGo = new AbortController();
    const letGo = lettingGo.signal;
    return { letGo, isCurrent: () => !letGo.aborted, abort: () => lettingGo.abort() };
  }

  test('ends a wait while it sleeps, with or without a signal of the caller', async () => {
    const holder = openHolder();
    const fence = fenceOf(holder);
    const waits = [
      fence.reached(1),
      fence.reached(1, { signal: new AbortController().signal }),
      fence.reached(2, { deadlineNs: inMs(20_000) }),
    ];
    expect(region.sleeping()).toBe(3);
    holder.abort();
    expect(await Promise.all(waits)).toEqual(['gone', 'gone', 'gone']);
    expect(region.sleeping()).toBe(0);
  });

  test('ends it too where its region closes with it', async () => {
    const holder = openHolder();
    const waiting = fenceOf({ isCurrent: holder.isCurrent }).reached(1);
    holder.abort();
    region.close();
    expect(await waiting).toBe('gone');
  });

  test('has no points any more: not even those that it had reached', async () => {
    const holder = openHolder();
    const fence = fenceOf(holder);
    fence.advance();
    holder.abort();
    expect(await fence.reached(1)).toBe('gone');
    expect(await fence.reached(2)).toBe('gone');
  });

  /** Current until `looks` of its fence have been answered; then freed, and another has its entry, at `point`. */
  function openSuccession(looks: number, point: number): FenceHolder {
    let left = looks;
    return {
      isCurrent() {
        if (left-- === 1) region.word.store(point);
        return left >= 0;
      },
    };
  }

  test('and goes between look and load has not reached what its successor has', async () => {
    expect(await fenceOf(openSuccession(1, 9)).reached(9, { deadlineNs: inMs(20_000) })).toBe('gone');
  });

  test('and goes between look and store leaves a successor alone that has another point', () => {
    region.word.store(3);
    expect(fenceOf(openSuccession(1, 0)).advance()).toBe('gone');
    expect([region.word.load(), region.signals()]).toEqual([0, 0]);
  });

  test('and goes there says so even where the successor had the same point', () => {
    expect(fenceOf(openSuccession(1, 0)).advance()).toBe('gone');
    expect(region.signals()).toBe(0);
  });

  test('advances nothing: its words may be a later buffer’s', () => {
    const holder = openHolder();
    const fence = fenceOf(holder);
    fence.advance();
    holder.abort();
    expect(fence.advance()).toBe('gone');
    expect([region.word.load(), region.signals()]).toEqual([1, 1]);
  });

  test('is found out at the deadline where nothing tells', async () => {
    let current = true;
    const waiting = fenceOf({ isCurrent: () => current }).reached(1, { deadlineNs: inMs(20) });
    current = false;
    expect(await waiting).toBe('gone');
  });

  test('does not hide the reason of a caller who aborts at the same time', async () => {
    const holder = openHolder();
    const aborting = new AbortController();
    const reason = new Error('enough');
    const waiting = expect(fenceOf(holder).reached(1, { signal: aborting.signal })).rejects.toBe(reason);
    aborting.abort(reason);
    holder.abort();
    await waiting;
  });
});
