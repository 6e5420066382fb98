// read, write and lseek through a real driver: bytes of the area, a position that all holders of the token share.
import { duplicateFd } from '@vsoc/native';
import { freshForEachTest, guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { pageBytes } from '@vsoc/vsoc/layout';
import { expect, test } from 'vitest';
import { claimOf } from '../src/testing/claims.js';
import { areas, keeper, signals } from '../src/testing/regions.js';
import { startWorld } from './guest-world.js';

const world = sharedByTests(startWorld);
guardLeaks();
const device = freshForEachTest(() => world.openGuest());
const manager = freshForEachTest(() => device.open(keeper));
const managed = freshForEachTest(() => device.openManaged(areas));

test('what is written is what the lease shows, and what a read gives back', async () => {
  await manager.description.claim(managed, await claimOf(manager, managed, { pages: 2 }));
  const { file } = managed;
  expect(await file.seek(pageBytes - 2, 'begin')).toBe(pageBytes - 2);
  expect(await file.write(Uint8Array.of(1, 2, 3, 4))).toBe(4);
  using lease = await managed.lease();
  expect([...lease.bytes.subarray(pageBytes - 3, pageBytes + 3)]).toEqual([0, 1, 2, 3, 4, 0]);
  expect(await file.seek(-3, 'current')).toBe(pageBytes - 1);
  const into = new Uint8Array(4);
  expect(await file.read(into)).toBe(4);
  expect([...into]).toEqual([2, 3, 4, 0]);
});

test('at the end a read has 0 bytes, a write as many as fit and then ENOSPC', async () => {
  await manager.description.claim(managed, await claimOf(manager, managed));
  const { file } = managed;
  expect(await file.seek(-2, 'end')).toBe(pageBytes - 2);
  expect(await file.write(Uint8Array.of(7, 8, 9))).toBe(2);
  await expect(file.write(Uint8Array.of(9))).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(await file.write(new Uint8Array(0))).toBe(0);
  expect(await file.read(new Uint8Array(1))).toBe(0);
  await expect(file.seek(1, 'end')).rejects.toMatchObject({ code: 'EINVAL' });
});

test('without a permission there is nothing to read and no room to write', async () => {
  expect(await managed.file.read(new Uint8Array(8))).toBe(0);
  await expect(managed.file.write(new Uint8Array(8))).rejects.toMatchObject({ code: 'ENOSPC' });
});

test('a copy of the token goes on where the other left off', async () => {
  using region = await device.open(signals);
  using copy = device.adopt(duplicateFd(region.description.token.fd));
  region.data.ping.store(0x1020304);
  await region.description.file.seek(region.data.ping.offset, 'begin');
  const [first, second] = [new Uint8Array(2), new Uint8Array(2)];
  await region.description.file.read(first);
  await copy.file.read(second);
  expect([...first, ...second]).toEqual([4, 3, 2, 1]);
});
