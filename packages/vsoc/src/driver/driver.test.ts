// What happens over a guest's life: last closes, processes that end, edges, the slow timer. Boots have boot.test.ts.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ioctlNumber } from '../layout/index.js';
import { drain, isRaised, post, raise } from '../signalling/index.js';
import {
  claimOf,
  condWaitBytes,
  create,
  type DriverWorld,
  openDriverWorld,
  ownersOf,
} from '../testing/driver-world.js';
import { areas, keeper, plain, type TestWindow } from '../testing/window.js';

let world: DriverWorld;

afterEach(() => {
  vi.useRealTimers();
  world?.[Symbol.dispose]();
});

function dataBytes(of: TestWindow, name: string): Uint8Array {
  const { dataOffset } = of.region(name);
  const memory = of.memory(name);
  return memory.bytes(dataOffset, memory.sizeBytes);
}

const bytesOtherThan = (value: number, bytes: Uint8Array) => bytes.findIndex((byte) => byte !== value);

describe('the last close', () => {
  function granted() {
    world = openDriverWorld();
    const managed = world.open(areas);
    const claim = claimOf(world.window, [keeper, areas], { page: 1, pages: 2 });
    create(world, world.open(keeper), managed, claim);
    const owner = claim.ownerOffset >>> 2;
    return { managed, claim, owner, ownerWords: world.window.memory(keeper.name).words };
  }

  test('zeroes the area and nothing around it, before the owner word reads FREE', async () => {
    const { managed, claim, owner, ownerWords } = granted();
    const memory = world.window.memory(areas.name);
    dataBytes(world.window, areas.name).fill(0xab);
    const open = world.holdFills();
    const closing = world.driver.close(managed);
    expect(ownerWords[owner]).toBe(1);
    open();
    await closing;
    expect(ownerWords[owner]).toBe(0);
    expect(bytesOtherThan(0, memory.bytes(claim.beginOffset, claim.endOffset))).toBe(-1);
    expect(memory.bytes(claim.beginOffset - 1, claim.beginOffset)[0]).toBe(0xab);
    expect(memory.bytes(claim.endOffset, claim.endOffset + 1)[0]).toBe(0xab);
  });

  test('is left to the next boot where the driver ended before the area was zero', async () => {
    const { managed, owner, ownerWords } = granted();
    const open = world.holdFills();
    const closing = world.driver.close(managed);
    world.driver[Symbol.dispose]();
    const rung = world.rings.length;
    open();
    await closing;
    expect(ownerWords[owner]).toBe(1);
    expect(world.rings).toHaveLength(rung);
  });

  test('keeps the area from others until it is zero', async () => {
    const { managed, claim } = granted();
    const open = world.holdFills();
    const closing = world.driver.close(managed);
    const late = () => create(world, world.open(keeper), world.open(areas), claim).answer?.code;
    expect(late()).toBe('EAGAIN');
    open();
    await closing;
    expect(late()).toBeUndefined();
    expect(world.driver.livePermissions.size).toBe(1);
  });

  test('wakes who waits on the owner word, on both sides', async () => {
    const { managed, claim } = granted();
    const bytes = condWaitBytes({ offset: claim.ownerOffset, value: 1 });
    const waiting = world.ioctl(world.open(keeper), ioctlNumber.condWait, { bytes });
    drain(world.guestToHost(keeper), () => {});
    world.window.memory(keeper.name).words[0] = 0;
    world.rings.length = 0;
    await world.driver.close(managed);
    expect(waiting.answer).toMatchObject({ code: undefined });
    const hinted: number[] = [];
    drain(world.guestToHost(keeper), (offset) => hinted.push(offset));
    expect(hinted).toEqual([claim.ownerOffset]);
    expect(world.rings).toContain(world.window.region(keeper.name).index);
  });

  test.each([0, 99])(
    'frees an owner word that somebody scribbled all the same, and counts it: %i',
    async (value) => {
      const { managed, owner, ownerWords } = granted();
      ownerWords[owner] = value;
      await world.driver.close(managed);
      expect([ownerWords[owner], world.driver.counters.scribbledOwners]).toEqual([0, 1]);
      expect(world.driver.livePermissions.size).toBe(0);
    },
  );

  test('raises and rings toward the host: its process may have died on the way', async () => {
    world = openDriverWorld();
    const description = world.open(plain);
    world.rings.length = 0;
    await world.driver.close(description);
    expect([world.rings, isRaised(world.guestToHost(plain))]).toEqual([[1], true]);
  });

  test('of a manager’s description leaves the permissions that it made alone', async () => {
    world = openDriverWorld();
    const manager = world.open(keeper);
    create(world, manager, world.open(areas), claimOf(world.window, [keeper, areas]));
    await world.driver.close(manager);
    expect(world.driver.livePermissions.size).toBe(1);
    expect(world.window.memory(keeper.name).words[ownersOf(world.window, keeper) >>> 2]).toBe(1);
  });
});

describe('the end of a process whose description others hold', () => {
  const pid = 4242;
  const openAs = (creatorPid: number) => world.driver.open(world.window.region(plain.name).index, creatorPid);

  test('raises and rings toward the host, for its own descriptions alone', () => {
    world = openDriverWorld();
    openAs(pid + 1);
    world.rings.length = 0;
    world.driver.processEnded(pid);
    expect(world.rings).toEqual([]);
    openAs(pid);
    world.driver.processEnded(pid);
    expect([world.rings, isRaised(world.guestToHost(plain))]).toEqual([[1], true]);
  });

  test('gives the receiver’s part back to the driver, which looks at once', () => {
    world = openDriverWorld();
    const waiting = world.ioctl(openAs(pid), ioctlNumber.waitForIncomingInterrupt);
    raise(world.hostToGuest(plain));
    // Its channel ends first.
    waiting.interrupt();
    world.driver.processEnded(pid);
    expect(isRaised(world.hostToGuest(plain))).toBe(false);
  });

  test('leaves the receiver’s part to another process that waits on its description, and to one that asks again', () => {
    world = openDriverWorld();
    const description = openAs(pid);
    const wait = () => world.ioctl(description, ioctlNumber.waitForIncomingInterrupt);
    const waiting = wait();
    world.driver.processEnded(pid);
    raise(world.hostToGuest(plain));
    world.driver.interrupt(1);
    expect([waiting.answer?.code, isRaised(world.hostToGuest(plain))]).toEqual([undefined, true]);
    // It is at work on what it was woken for when a second process of the first one's number ends.
    world.driver.processEnded(pid);
    expect(isRaised(world.hostToGuest(plain))).toBe(false);
    wait();
    raise(world.hostToGuest(plain));
    world.driver.interrupt(1);
    expect(isRaised(world.hostToGuest(plain))).toBe(true);
  });

  test('looks at each region once, however many descriptions it had', () => {
    world = openDriverWorld();
    for (let count = 0; count < 3; count++) openAs(pid);
    world.driver.open(world.window.region(keeper.name).index, pid);
    world.rings.length = 0;
    world.driver.processEnded(pid);
    expect(world.rings).toEqual([1, world.window.region(keeper.name).index]);
  });

  test('is over once the description is closed', async () => {
    world = openDriverWorld();
    await world.driver.close(openAs(pid));
    world.rings.length = 0;
    world.driver.processEnded(pid);
    expect(world.rings).toEqual([]);
  });
});

test('table entries that no sender can have written are counted', () => {
  world = openDriverWorld();
  const table = world.hostToGuest(plain);
  world.window.memory(plain.name).words[table.firstSlot] = 3;
  world.driver.interrupt(1);
  expect(world.driver.counters.foreignEntries).toBe(1);
});

describe('the slow timer', () => {
  const secondAndGraceMs = 1100;

  test('ends a wait whose doorbell was never rung, and counts it', () => {
    vi.useFakeTimers();
    world = openDriverWorld();
    const { dataOffset } = world.window.region(plain.name);
    const bytes = condWaitBytes({ offset: dataOffset });
    const waiting = world.ioctl(world.open(plain), ioctlNumber.condWait, { bytes });
    world.window.memory(plain.name).words[dataOffset >>> 2] = 1;
    vi.advanceTimersByTime(secondAndGraceMs);
    expect(waiting.answer).toMatchObject({ code: undefined });
    expect(world.driver.counters.heals).toBe(1);
  });

  test('ends a WAIT that sleeps although the interrupt word is raised', () => {
    vi.useFakeTimers();
    world = openDriverWorld();
    const waiting = world.ioctl(world.open(plain), ioctlNumber.waitForIncomingInterrupt);
    raise(world.hostToGuest(plain));
    vi.advanceTimersByTime(secondAndGraceMs);
    expect(waiting.answer).toMatchObject({ code: undefined });
    expect([world.driver.counters.heals, isRaised(world.hostToGuest(plain))]).toEqual([1, true]);
  });

  test('ends a wait although the description that receives for the region does nothing any more', () => {
    vi.useFakeTimers();
    world = openDriverWorld();
    const { dataOffset } = world.window.region(plain.name);
    const { words } = world.window.memory(plain.name);
    world.ioctl(world.open(plain), ioctlNumber.waitForIncomingInterrupt);
    const table = world.hostToGuest(plain);
    post(table, dataOffset);
    world.driver.interrupt(1);
    // The receiver was woken by that, and stops: the word stays raised, and whoever posts need not ring.
    const bytes = condWaitBytes({ offset: dataOffset });
    const waiting = world.ioctl(world.open(plain), ioctlNumber.condWait, { bytes });
    words[dataOffset >>> 2] = 1;
    expect(post(table, dataOffset).mustRing).toBe(false);
    vi.advanceTimersByTime(secondAndGraceMs);
    expect(waiting.answer).toMatchObject({ code: undefined });
    expect(world.driver.counters.heals).toBe(1);
    // Word and table are still the receiver's.
    const hinted: number[] = [];
    drain(table, (offset) => hinted.push(offset));
    expect([isRaised(table), hinted]).toEqual([true, [dataOffset]]);
  });

  test('heals nothing in a quiet system', () => {
    vi.useFakeTimers();
    world = openDriverWorld();
    const bytes = condWaitBytes({ offset: world.window.region(plain.name).dataOffset });
    world.ioctl(world.open(plain), ioctlNumber.condWait, { bytes });
    vi.advanceTimersByTime(10_000);
    expect(world.driver.counters).toEqual({ scribbledOwners: 0, foreignEntries: 0, heals: 0 });
  });
});
