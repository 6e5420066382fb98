// The guest's library against a real driver: opening, waiting, closing; bursts that must not cost the channel.
import { freshForEachTest, guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import type { GuestRegion } from '@vsoc/vsoc/guest';
import { defineRegion } from '@vsoc/vsoc/layout';
import { beforeEach, describe, expect, test } from 'vitest';
import { areas, signals } from '../src/testing/regions.js';
import { startWorld } from './guest-world.js';

const world = sharedByTests(startWorld);
guardLeaks();
const device = freshForEachTest(() => world.openGuest());
/** Its device closes it: the guard sees to that. */
let region: GuestRegion<typeof signals>;
beforeEach(async () => {
  region = await device.open(signals);
  region.data.ping.store(0);
});

const nowNs = () => process.hrtime.bigint();

describe('open', () => {
  test('is ENOENT for a region that the window does not have', async () => {
    const missing = defineRegion({ ...signals, name: 'missing' });
    await expect(device.open(missing)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(device.openManaged(missing)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is refused for a version that the window’s is not compatible with', async () => {
    const newer = defineRegion({ ...signals, version: { current: 4, minCompatible: 3 } });
    await expect(device.open(newer)).rejects.toThrow(/version/);
    const older = defineRegion({ ...signals, version: { current: 1, minCompatible: 1 } });
    (await device.open(older))[Symbol.dispose]();
  });
});

describe('waitWhile', () => {
  test('ends when the word differs already', async () => {
    expect(await region.waitWhile(region.data.ping, 1, { deadlineNs: 0n })).toBe('changed');
  });

  test.each([-5_000_000_000n, 0n, 1n])(
    'times out at once for a deadline in the past: %i',
    async (deadlineNs) => {
      expect(await region.waitWhile(region.data.ping, 0, { deadlineNs })).toBe('timed-out');
    },
  );

  test('times out not before its deadline', async () => {
    const deadlineNs = nowNs() + 20_000_000n;
    expect(await region.waitWhile(region.data.ping, 0, { deadlineNs })).toBe('timed-out');
    expect(nowNs()).toBeGreaterThanOrEqual(deadlineNs);
  });

  test('rejects with the reason of its signal, aborted before or meanwhile', async () => {
    const reason = new Error('enough');
    const { ping } = region.data;
    const early = AbortSignal.abort(reason);
    await expect(region.waitWhile(ping, 0, { signal: early })).rejects.toBe(reason);
    const controller = new AbortController();
    const waiting = region.waitWhile(ping, 0, { signal: controller.signal });
    await region.description.describe();
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test('is ended by a signal of another guest process', async () => {
    using other = await world.openGuest();
    using theirs = await other.open(signals);
    const waiting = region.waitWhile(region.data.ping, 0);
    await region.description.describe();
    theirs.data.ping.store(1);
    theirs.signal(theirs.data.ping);
    expect(await waiting).toBe('changed');
  });

  test('rejects when its region is closed, and when its device is', async () => {
    const first = region.waitWhile(region.data.ping, 0);
    region[Symbol.dispose]();
    await expect(first).rejects.toMatchObject({ code: 'EBADF' });
    const again = await device.open(signals);
    const second = again.waitWhile(again.data.ping, 0);
    device[Symbol.dispose]();
    await expect(second).rejects.toMatchObject({ code: 'EBADF' });
  });
});

describe('bursts in one turn of the loop', () => {
  test('of ten thousand signals wake every waiter and cost nobody the channel', async () => {
    using other = await world.openGuest();
    using theirs = await other.open(signals);
    const words = Array.from({ length: 60 }, (_, index) => region.data.many.at(index * 3).value);
    for (const word of words) word.store(0);
    const waiting = words.map((word) => region.waitWhile(word, 0));
    await region.description.describe();
    for (let round = 0; round < 50; round++) {
      for (let index = 0; index < 200; index++) {
        const { value } = theirs.data.many.at(index);
        value.add(1);
        theirs.signal(value);
      }
    }
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['changed']));
    expect([device.lost.aborted, other.lost.aborted]).toEqual([false, false]);
  });

  test('of signals before a close wake who waits in other processes', async () => {
    using other = await world.openGuest();
    const theirs = await other.open(signals);
    const words = Array.from({ length: 20 }, (_, index) => region.data.many.at(index).value);
    for (const word of words) word.store(0);
    const waiting = words.map((word) => region.waitWhile(word, 0));
    await region.description.describe();
    for (let index = 0; index < 20; index++) {
      const { value } = theirs.data.many.at(index);
      value.store(1);
      theirs.signal(value);
    }
    theirs[Symbol.dispose]();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['changed']));
  });

  test('of a thousand requests: answered or refused with EAGAIN, and the channel goes on', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 1000 }, () => region.description.describe()),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(outcomes.length - refused.length).toBeGreaterThanOrEqual(64);
    expect(new Set(refused.map(({ reason }) => reason.code))).toEqual(new Set(['EAGAIN']));
    expect((await region.description.describe()).deviceName).toBe(signals.name);
  });

  test('of a thousand waits: 64 sleep, the others are refused, and a signal still wakes', async () => {
    const { ping } = region.data;
    const waits = Array.from({ length: 1000 }, () => region.waitWhile(ping, 0));
    const refusals = Promise.allSettled(waits.slice(64));
    const codes = (await refusals).map((outcome) =>
      outcome.status === 'rejected' ? outcome.reason.code : '',
    );
    expect(new Set(codes)).toEqual(new Set(['EBUSY', 'EAGAIN']));
    ping.store(1);
    region.signal(ping);
    expect(new Set(await Promise.all(waits.slice(0, 64)))).toEqual(new Set(['changed']));
  });
});

describe('after dispose', () => {
  test('of the region its words, bytes and signals refuse', () => {
    const { ping } = region.data;
    region[Symbol.dispose]();
    const closed = expect.objectContaining({ code: 'EBADF' });
    expect(() => ping.load()).toThrow(closed);
    expect(() => region.bytes(0, 4)).toThrow(closed);
    expect(() => region.signal(ping)).toThrow(closed);
  });

  test('of the device so do those of its regions; nobody is told that the guest had crashed', async () => {
    const { ping } = region.data;
    const managed = await device.openManaged(areas);
    device[Symbol.dispose]();
    device[Symbol.dispose]();
    expect(() => ping.load()).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(device.lost.aborted).toBe(false);
    await expect(managed.describe()).rejects.toMatchObject({ code: 'EBADF' });
    managed[Symbol.dispose]();
  });

  test('of the device nodes that were being opened are closed again', async () => {
    const opening = [device.open(signals), device.openManaged(areas)];
    device[Symbol.dispose]();
    for (const one of opening) await expect(one).rejects.toMatchObject({ code: 'EBADF', op: 'open' });
  });
});
