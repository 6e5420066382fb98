// A token is the open file description: whoever holds a copy keeps its permission, the last one to go frees it.
import { openSync } from 'node:fs';
import {
  createEventfd,
  createPipe,
  createSocketPair,
  duplicateFd,
  OwnedFd,
  receiveMessage,
  sendMessage,
} from '@vsoc/native';
import { freshForEachTest, guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import type { Description } from '@vsoc/vsoc/guest';
import { afterEach, describe, expect, test } from 'vitest';
import { claimOf } from '../src/testing/claims.js';
import { areas, keeper } from '../src/testing/regions.js';
import { kill, startWorld } from './guest-world.js';

const world = sharedByTests(startWorld);
guardLeaks();
const device = freshForEachTest(() => world.openGuest());
const manager = freshForEachTest(() => device.open(keeper));
// Whatever a test claimed is given back before the next one.
afterEach(async () => {
  for (let page = 0; page < 16; page++) await freed(page);
});

async function openClaimed(first = 0, pages = 1): Promise<Description> {
  const managed = await device.openManaged(areas);
  const claim = await claimOf(manager, managed, { first, pages });
  expect(await manager.description.claim(managed, claim)).toBe('granted');
  return managed;
}

/** What a compatible claim comes to now. */
async function compete(first = 0, pages = 1): Promise<string> {
  using rival = await device.openManaged(areas);
  return manager.description.claim(rival, await claimOf(manager, rival, { first, pages, ownedValue: 2 }));
}

/** Resolves when the owner word reads FREE: the driver wakes who waits for it. */
async function freed(first = 0): Promise<void> {
  const { value } = manager.data.owners.at(first);
  for (let owner = value.load(); owner !== 0; owner = value.load()) await manager.waitWhile(value, owner);
}

describe('a permission lives as long as any copy of its token', () => {
  test('a duplicate', async () => {
    const managed = await openClaimed();
    const copy = device.adopt(duplicateFd(managed.token.fd));
    managed[Symbol.dispose]();
    expect([await compete(), (await copy.permission())?.ownedValue]).toEqual(['contended', 1]);
    copy[Symbol.dispose]();
    await freed();
    expect(await compete()).toBe('granted');
  });

  test('one that a child process inherited', async () => {
    const managed = await openClaimed();
    const child = await world.startGuest(['keep'], [managed.token.fd]);
    managed[Symbol.dispose]();
    expect(await compete()).toBe('contended');
    await child.stop();
    await freed();
  });

  test('one in a message that nobody has read', async () => {
    const managed = await openClaimed();
    const [near, far] = createSocketPair('seqpacket');
    sendMessage(near.fd, new Uint8Array(1), [managed.token.fd]);
    managed[Symbol.dispose]();
    expect(await compete()).toBe('contended');
    const message = receiveMessage(far.fd, new Uint8Array(1));
    const [received] = message === 'would-block' ? [] : message.fds;
    const adopted = device.adopt(received as OwnedFd);
    expect((await adopted.permission())?.ownedValue).toBe(1);
    for (const owned of [near, far, adopted]) owned[Symbol.dispose]();
    await freed();
  });

  test('one in a message that nobody will ever read, until its socket goes', async () => {
    const managed = await openClaimed();
    const [near, far] = createSocketPair('seqpacket');
    sendMessage(near.fd, new Uint8Array(1), [managed.token.fd]);
    managed[Symbol.dispose]();
    near[Symbol.dispose]();
    expect(await compete()).toBe('contended');
    far[Symbol.dispose]();
    await freed();
  });

  test('and ends with the SIGKILL of its only holder; the next owner finds zeroes', async () => {
    const holder = await world.startGuest(['hold', '3']);
    expect(await holder.ready).toEqual({ outcome: 'granted' });
    expect(await compete(3)).toBe('contended');
    await kill(holder);
    await freed(3);
    using next = await openClaimed(3);
    using lease = await next.lease();
    expect(lease.bytes.findIndex((byte) => byte !== 0)).toBe(-1);
  });

  test('and outlives the SIGKILL of one of two holders', async () => {
    const managed = await openClaimed();
    await kill(await world.startGuest(['keep'], [managed.token.fd]));
    expect([await compete(), (await managed.permission())?.ownedValue]).toEqual(['contended', 1]);
    managed[Symbol.dispose]();
  });

  test('also when its area is too large to be zeroed at once', async () => {
    const managed = await device.openManaged(areas);
    const claim = await claimOf(manager, managed, { pages: 16 });
    await manager.description.claim(managed, claim);
    const lease = await managed.lease();
    lease.bytes.fill(0xff);
    lease[Symbol.dispose]();
    await freed();
    using next = await openClaimed(0, 16);
    using again = await next.lease();
    expect(again.bytes.findIndex((byte) => byte !== 0)).toBe(-1);
  });
});

test('of simultaneous compatible claims exactly one is granted', async () => {
  const rivals = await Promise.all(Array.from({ length: 12 }, () => device.openManaged(areas)));
  const claim = await claimOf(manager, rivals[0] as Description);
  const outcomes = await Promise.all(
    rivals.map((rival, index) => manager.description.claim(rival, { ...claim, ownedValue: index + 1 })),
  );
  expect(outcomes.filter((outcome) => outcome === 'granted')).toHaveLength(1);
  expect(manager.data.owners.at(0).value.load()).toBe(outcomes.indexOf('granted') + 1);
  for (const rival of rivals) rival[Symbol.dispose]();
});

test('a process that never opened the node can ask about a token that it was given, and map its area', async () => {
  const managed = await openClaimed(5);
  const claim = await managed.permission();
  {
    using lease = await managed.lease();
    lease.bytes[0] = 77;
    const child = await world.startGuest(['adopt'], [lease.token.fd]);
    expect(await child.ready).toEqual({ deviceName: areas.name, claim, firstByte: 77, lengthBytes: 4096 });
    await child.stop();
  }
});

describe('what is no token of this driver is EBADF', () => {
  const forgeries: readonly [string, () => readonly OwnedFd[]][] = [
    ['the write end of a pipe', () => Object.values(createPipe()).reverse()],
    ['the read end of a pipe', () => Object.values(createPipe())],
    ['an eventfd', () => [createEventfd()]],
    ['a socket', () => createSocketPair('stream')],
    ['a file', () => [OwnedFd.own(openSync(world.processes.paths.layoutFile, 'r'), 'file')]],
  ];

  test.each(forgeries)('%s', async (_what, forge) => {
    const [first, other] = forge();
    using _other = other;
    using forged = device.adopt(first as OwnedFd);
    await expect(forged.describe()).rejects.toMatchObject({ code: 'EBADF' });
    await expect(forged.permission()).rejects.toMatchObject({ code: 'EBADF' });
    // As the managed one of a CREATE it is no open description of this driver.
    const { dataOffset } = manager.layout;
    const claim = { beginOffset: 4096, endOffset: 8192, ownerOffset: dataOffset, ownedValue: 1 };
    await expect(manager.description.claim(forged, claim)).rejects.toMatchObject({ code: 'EPERM' });
  });

  test('another driver’s token', async () => {
    await using elsewhere = await startWorld();
    using other = await elsewhere.openGuest();
    using foreign = await other.openManaged(areas);
    using brought = device.adopt(duplicateFd(foreign.token.fd));
    await expect(brought.describe()).rejects.toMatchObject({ code: 'EBADF' });
    expect((await foreign.describe()).deviceName).toBe(areas.name);
  });
});

describe('a lease', () => {
  test('is EINVAL without a permission', async () => {
    using managed = await device.openManaged(areas);
    await expect(managed.lease()).rejects.toMatchObject({ code: 'EINVAL' });
  });

  test('leaves kept arrays empty once it is disposed', async () => {
    const lease = await (await openClaimed()).lease();
    const kept = lease.bytes.subarray(10, 20);
    lease[Symbol.dispose]();
    expect([kept.length, kept.byteLength]).toEqual([0, 0]);
    expect(() => lease.bytes).toThrow();
  });

  test('refuses once its device is closed, and kept arrays are empty', async () => {
    using other = await world.openGuest();
    using managed = await openClaimed();
    using lease = await other.adopt(duplicateFd(managed.token.fd)).lease();
    const { bytes } = lease;
    other[Symbol.dispose]();
    expect(bytes.byteLength).toBe(0);
    expect(() => lease.bytes).toThrow('EBADF');
  });

  test('goes with its description: nothing stays mapped that may be the next owner’s', async () => {
    const managed = await openClaimed();
    const { bytes } = await managed.lease();
    managed[Symbol.dispose]();
    expect(bytes.byteLength).toBe(0);
    await freed();
  });

  test('is one: a second is EBUSY, asked for at once or later', async () => {
    using managed = await openClaimed();
    const outcomes = await Promise.allSettled([managed.lease(), managed.lease()]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(managed.lease()).rejects.toMatchObject({ code: 'EBUSY' });
  });

  test('of a description that is disposed meanwhile maps nothing', async () => {
    const managed = await openClaimed();
    const leasing = managed.lease();
    managed[Symbol.dispose]();
    await expect(leasing).rejects.toMatchObject({ code: 'EBADF' });
  });
});
