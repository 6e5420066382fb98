// Lives of the guest: epochs, crashes of driver and server, signals between halves in real processes.
import { duplicateFd } from '@vsoc/native';
import { guardLeaks } from '@vsoc/testkit/hooks';
import { connectHost } from '@vsoc/vsoc/host';
import { guestState, pageBytes, system } from '@vsoc/vsoc/layout';
import { describe, expect, test } from 'vitest';
import { claimOf } from '../src/testing/claims.js';
import { areas, keeper, signals } from '../src/testing/regions.js';
import { kill, startWorld, until } from './guest-world.js';

guardLeaks();

describe('signals between real processes', () => {
  test('a thousand round trips, host half to guest half and back, with no slow timer to help', async () => {
    await using world = await startWorld();
    const echo = await world.startGuest(['echo']);
    using host = await world.connectHost();
    using region = await host.open(signals);
    const { ping, pong } = region.data;
    for (let trip = 1; trip <= 1000; trip++) {
      const before = pong.load();
      ping.store(trip);
      region.signal(ping);
      expect(await region.waitWhile(pong, before)).toBe('changed');
      expect(pong.load()).toBe(trip);
    }
    expect(region.counters).toEqual({ fullTables: 0, foreignEntries: 0, heals: 0 });
    expect(new Set([process.pid, world.server.pid, world.driver.pid, echo.pid]).size).toBe(4);
  });

  test('one signal is heard by a second host process and a second guest process too', async () => {
    await using world = await startWorld();
    using firstHost = await world.connectHost();
    using secondHost = await world.connectHost();
    using firstGuest = await world.openGuest();
    using secondGuest = await world.openGuest();
    using sender = await firstHost.open(signals);
    using hostEar = await secondHost.open(signals);
    using guestSender = await firstGuest.open(signals);
    using guestEar = await secondGuest.open(signals);
    const hearPing = () =>
      [hostEar, guestEar].map((ear) => ear.waitWhile(ear.data.ping, ear.data.ping.load()));
    for (const [turn, half] of [sender, guestSender, sender, guestSender].entries()) {
      const heard = hearPing();
      await guestEar.description.describe();
      half.data.ping.store(turn + 1);
      half.signal(half.data.ping);
      expect(await Promise.all(heard)).toEqual(['changed', 'changed']);
    }
  });
});

describe('a guest driver that is killed', () => {
  test('ends its processes’ channels and waits; the next life has the next epoch, and nothing of the former one', async () => {
    await using world = await startWorld();
    using host = await world.connectHost();
    using systemRegion = await host.open(system);
    const { guestEpoch, guestState: state } = systemRegion.data;
    using guest = await world.openGuest();
    using manager = await guest.open(keeper);
    using managed = await guest.openManaged(areas);
    await manager.description.claim(managed, await claimOf(manager, managed));
    const { value: owner } = manager.data.owners.at(0);
    expect([guest.epoch, guestEpoch.load(), state.load(), owner.load()]).toEqual([
      1,
      1,
      guestState.running,
      1,
    ]);

    const waiting = expect(manager.waitWhile(owner, 1)).rejects.toMatchObject({ code: 'ENODEV' });
    const lost = new Promise<unknown>((resolve) => {
      guest.lost.addEventListener('abort', () => resolve(guest.lost.reason));
    });
    const nextEpoch = systemRegion.waitWhile(guestEpoch, 1);
    await kill(world.driver);
    await waiting;
    expect(await lost).toMatchObject({ code: 'ENODEV', message: expect.stringContaining('crashed') });
    expect(() => manager.signal(owner)).toThrow(expect.objectContaining({ code: 'ENODEV' }));
    await expect(world.openGuest()).rejects.toMatchObject({ code: 'ENODEV' });

    // The sockets that it left behind are replaced.
    await world.startDriver();
    expect(await nextEpoch).toBe('changed');
    using next = await world.openGuest();
    using nextManager = await next.open(keeper);
    expect([next.epoch, host.guestEpoch(), nextManager.data.owners.at(0).value.load()]).toEqual([2, 2, 0]);
    using nextManaged = await next.openManaged(areas);
    const claim = await claimOf(nextManager, nextManaged);
    expect(await nextManager.description.claim(nextManaged, claim)).toBe('granted');
  });

  test('and a token of its life is none in the next one', async () => {
    await using world = await startWorld();
    using guest = await world.openGuest();
    using managed = await guest.openManaged(areas);
    await kill(world.driver);
    await world.startDriver();
    using next = await world.openGuest();
    using stale = next.adopt(duplicateFd(managed.token.fd));
    await expect(stale.describe()).rejects.toMatchObject({ code: 'EBADF' });
  });
});

test('a guest driver that is told to end says in region 0 that it left', async () => {
  await using world = await startWorld();
  using host = await world.connectHost();
  using systemRegion = await host.open(system);
  await world.driver.stop();
  expect(systemRegion.data.guestState.load()).toBe(guestState.down);
  await expect(world.openGuest()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a guest driver that is told to end while areas are being zeroed ends well', async () => {
  const areaPagesEach = 2048;
  await using world = await startWorld({ areasBytes: 16 * areaPagesEach * pageBytes });
  using guest = await world.openGuest();
  using manager = await guest.open(keeper);
  const owners = Array.from({ length: 16 }, (_, first) => manager.data.owners.at(first).value);
  const granted: Disposable[] = [];
  for (const [index, owner] of owners.entries()) {
    const managed = await guest.openManaged(areas);
    const { offsetOfRegionData } = await managed.describe();
    const beginOffset = offsetOfRegionData + index * areaPagesEach * pageBytes;
    const endOffset = beginOffset + areaPagesEach * pageBytes;
    const claim = { beginOffset, endOffset, ownerOffset: owner.offset, ownedValue: 1 };
    expect(await manager.description.claim(managed, claim)).toBe('granted');
    granted.push(managed);
  }
  for (const managed of granted) managed[Symbol.dispose]();
  await until(() => owners.some((owner) => owner.load() === 0));
  world.driver.kill('SIGTERM');
  expect(await world.driver.ended).toMatchObject({ code: 0 });
});

test('a second guest driver ends with the reason, and the first one goes on', async () => {
  await using world = await startWorld();
  await expect(world.startDriver()).rejects.toThrow('EBUSY: bus: the ivshmem server refuses: another guest');
  using guest = await world.openGuest();
  expect(guest.epoch).toBe(1);
});

test('without a server a guest driver ends with the reason', async () => {
  await using world = await startWorld();
  await world.driver.stop();
  await kill(world.server);
  await expect(world.startDriver()).rejects.toThrow(/ECONNREFUSED|ENOENT/);
});

test('when the server is killed host processes are told, and the guest goes on', async () => {
  await using world = await startWorld();
  using host = await world.connectHost();
  using guest = await world.openGuest();
  using hostRegion = await host.open(signals);
  using guestRegion = await guest.open(signals);
  const lost = new Promise<void>((resolve) => {
    host.lost.addEventListener('abort', () => resolve());
  });
  await kill(world.server);
  await lost;
  await until(() => world.processes.logLines.some((line) => line.includes('the ivshmem server is gone')));
  const heard = hostRegion.waitWhile(hostRegion.data.ping, 0);
  guestRegion.data.ping.store(1);
  guestRegion.signal(guestRegion.data.ping);
  expect(await heard).toBe('changed');
  await expect(connectHost({ serverSocket: world.serverSocket })).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});
