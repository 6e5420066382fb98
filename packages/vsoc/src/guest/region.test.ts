// A region in a guest process: what a value to wait on means, and the receiver's part taken over.
import { liveResources } from '@vsoc/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { post, raise } from '../signalling/index.js';
import { type GuestWorld, openGuestWorld } from '../testing/guest-world.js';
import { plain } from '../testing/window.js';
import type { GuestRegion } from './region.js';

let liveBefore: number;
let guest: GuestWorld;
let region: GuestRegion<typeof plain>;

beforeEach(() => {
  liveBefore = liveResources().length;
  guest = openGuestWorld();
  region = guest.openRegion(plain);
});
afterEach(() => {
  guest[Symbol.dispose]();
  expect(liveResources()).toHaveLength(liveBefore);
});

const inMs = (ms: number) => process.hrtime.bigint() + BigInt(ms) * 1_000_000n;

describe('waitWhile', () => {
  test.each([-1, 0xffff_ffff])('takes %i for 32 ones', async (value) => {
    const { first } = region.data;
    first.store(0xffff_ffff);
    expect(await region.waitWhile(first, value, { deadlineNs: inMs(5) })).toBe('timed-out');
    first.store(0);
    expect(await region.waitWhile(first, value, { deadlineNs: inMs(5) })).toBe('changed');
  });

  test('of a word that changed and of which nobody said so is changed, not timed out', async () => {
    const { first } = region.data;
    const waiting = region.waitWhile(first, 0, { deadlineNs: inMs(20) });
    first.store(1);
    expect(await waiting).toBe('changed');
  });
});

describe('receiveSignals', () => {
  const incoming = () => guest.world.hostToGuest(plain);
  const receive = (signal: AbortSignal) => region.receiveSignals({ signal })[Symbol.asyncIterator]();
  const reason = new Error('enough');

  test('yields what was posted, and counts what no sender can have written', async () => {
    const { offset } = region.data.first;
    guest.world.window.memory(plain.name).words[incoming().firstSlot] = 3;
    post(incoming(), offset);
    const { value } = await receive(new AbortController().signal).next();
    expect([value, region.counters.foreignEntries]).toEqual([new Set([offset]), 1]);
  });

  test('throws the reason of its signal, whether it fires before, at a yield or in the wait', async () => {
    await expect(receive(AbortSignal.abort(reason)).next()).rejects.toBe(reason);

    const atYield = new AbortController();
    const yielding = receive(atYield.signal);
    raise(incoming());
    await yielding.next();
    atYield.abort(reason);
    await expect(yielding.next()).rejects.toBe(reason);

    const inWait = new AbortController();
    const waiting = receive(inWait.signal).next();
    await region.description.describe();
    inWait.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
