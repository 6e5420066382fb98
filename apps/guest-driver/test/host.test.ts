// The host's library against a real server: opening, waiting, closing.
import { freshForEachTest, guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import type { HostRegion } from '@vsoc/vsoc/host';
import { defineRegion } from '@vsoc/vsoc/layout';
import { beforeEach, describe, expect, test } from 'vitest';
import { signals } from '../src/testing/regions.js';
import { startWorld } from './guest-world.js';

const world = sharedByTests(startWorld);
guardLeaks();
const device = freshForEachTest(() => world.connectHost());
/** Its device closes it: the guard sees to that. */
let region: HostRegion<typeof signals>;
beforeEach(async () => {
  region = await device.open(signals);
  region.data.ping.store(0);
});

test('a region that does not exist is the server’s own refusal', async () => {
  const missing = defineRegion({ ...signals, name: 'missing' });
  await expect(device.open(missing)).rejects.toMatchObject({
    code: 'ENOENT',
    message: expect.stringContaining('there are system, signals, keeper, areas'),
  });
});

test('a version that the window’s is not compatible with is refused', async () => {
  const newer = defineRegion({ ...signals, version: { current: 4, minCompatible: 3 } });
  await expect(device.open(newer)).rejects.toThrow(/version/);
});

describe('waitWhile', () => {
  const nowNs = () => process.hrtime.bigint();

  test('tests the word before the deadline', async () => {
    const { ping } = region.data;
    expect(await region.waitWhile(ping, 1, { deadlineNs: 0n })).toBe('changed');
    expect(await region.waitWhile(ping, 0, { deadlineNs: -1n })).toBe('timed-out');
  });

  test('times out not before its deadline', async () => {
    const deadlineNs = nowNs() + 20_000_000n;
    expect(await region.waitWhile(region.data.ping, 0, { deadlineNs })).toBe('timed-out');
    expect(nowNs()).toBeGreaterThanOrEqual(deadlineNs);
  });

  test('rejects with the reason of its signal', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const waiting = region.waitWhile(region.data.ping, 0, { signal: controller.signal });
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test('is ended by a signal on its own region, of this process or another region object', async () => {
    using again = await device.open(signals);
    const waits = [region, again].map((ear) => ear.waitWhile(ear.data.ping, 0));
    region.data.ping.store(1);
    region.signal(region.data.ping);
    expect(await Promise.all(waits)).toEqual(['changed', 'changed']);
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

test('after dispose of the device its regions refuse, and nobody is told that the server were gone', () => {
  const { ping } = region.data;
  device[Symbol.dispose]();
  device[Symbol.dispose]();
  expect(() => ping.load()).toThrow(expect.objectContaining({ code: 'EBADF' }));
  expect(() => region.bytes(0, 4)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  expect(() => device.guestEpoch()).toThrow(expect.objectContaining({ code: 'EBADF' }));
  expect(device.lost.aborted).toBe(false);
});

test('every address in range is given, and nothing outside', () => {
  const sizeBytes = region.layout.endOffset - region.layout.beginOffset;
  expect(region.bytes(0, sizeBytes)).toHaveLength(sizeBytes);
  expect(() => region.bytes(0, sizeBytes + 1)).toThrow(expect.objectContaining({ code: 'ERANGE' }));
});
