// What happens over a guest's life: boot, last closes, edges, the slow timer.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { guestState, ioctlNumber, system } from '../layout/index.js';
import { drain, insert, isRaised, raise } from '../signalling/index.js';
import {
  claimOf,
  condWaitBytes,
  create,
  type DriverWorld,
  openDriverWorld,
  ownersOf,
} from '../testing/driver-world.js';
import { areas, keeper, openTestWindow, plain, type TestWindow } from '../testing/window.js';
import { openDriver } from './driver.js';

let world: DriverWorld;
let window: TestWindow | undefined;

afterEach(() => {
  vi.useRealTimers();
  world?.[Symbol.dispose]();
  window?.[Symbol.dispose]();
  window = undefined;
});

function systemWords(of: TestWindow) {
  return system.data.over(of.memory(system.name), of.region(system.name).dataOffset);
}

function dataBytes(of: TestWindow, name: string): Uint8Array {
  const { dataOffset } = of.region(name);
  const memory = of.memory(name);
  return memory.bytes(dataOffset, memory.sizeBytes);
}

const bytesOtherThan = (value: number, bytes: Uint8Array) => bytes.findIndex((byte) => byte !== value);

describe('a boot', () => {
  test('zeroes the data of managers and managed regions to their last byte, and no other’s', () => {
    window = openTestWindow();
    for (const { name } of [plain, keeper, areas]) dataBytes(window, name).fill(0xab);
    world = openDriverWorld({ window });
    expect(bytesOtherThan(0, dataBytes(window, keeper.name))).toBe(-1);
    expect(bytesOtherThan(0, dataBytes(window, areas.name))).toBe(-1);
    expect(bytesOtherThan(0xab, dataBytes(window, plain.name))).toBe(-1);
  });

  test('raises the epoch with each life, and steps over 0', () => {
    window = openTestWindow();
    world = openDriverWorld({ window });
    expect([world.driver.epoch, systemWords(window).guestEpoch.load()]).toEqual([1, 1]);
    world[Symbol.dispose]();
    world = openDriverWorld({ window });
    expect(world.driver.epoch).toBe(2);
    world[Symbol.dispose]();
    systemWords(window).guestEpoch.store(0xffff_ffff);
    world = openDriverWorld({ window });
    expect([world.driver.epoch, systemWords(window).guestEpoch.load()]).toEqual([1, 1]);
  });

  test('hints at the epoch and rings the host for every region', () => {
    world = openDriverWorld();
    expect(world.rings).toEqual(world.window.layout.regions.map(({ index }) => index));
    const hinted: number[] = [];
    drain(world.guestToHost(system), (offset) => hinted.push(offset));
    expect(hinted).toEqual([systemWords(world.window).guestEpoch.offset]);
  });

  test('rings although its predecessor left the interrupt word raised and died before the doorbell', () => {
    window = openTestWindow();
    for (const { name } of window.layout.regions) window.memory(name).words[0] = 1;
    world = openDriverWorld({ window });
    expect(world.rings).toEqual(window.layout.regions.map(({ index }) => index));
  });

  test('empties the tables of stale hints from the host, and lowers their interrupt words', () => {
    window = openTestWindow();
    world = openDriverWorld({ window });
    const table = world.hostToGuest(plain);
    world[Symbol.dispose]();
    insert(table, 0x800);
    raise(table);
    world = openDriverWorld({ window });
    expect(isRaised(table)).toBe(false);
    expect(drain(table, () => {})).toEqual({ drained: 0, foreign: 0 });
  });

  test('says starting until the nodes are open, and down once it left in good order', () => {
    world = openDriverWorld();
    const { guestState: state } = systemWords(world.window);
    expect(state.load()).toBe(guestState.starting);
    world.driver.markRunning();
    expect(state.load()).toBe(guestState.running);
    world.driver[Symbol.dispose]();
    expect(state.load()).toBe(guestState.down);
  });

  test('beats region 0’s heart once a second, until it is disposed', () => {
    vi.useFakeTimers();
    world = openDriverWorld();
    const { heartbeat } = systemWords(world.window);
    const before = heartbeat.load();
    vi.advanceTimersByTime(3000);
    expect(heartbeat.load()).toBe(before + 3);
    world.driver[Symbol.dispose]();
    vi.advanceTimersByTime(3000);
    expect(heartbeat.load()).toBe(before + 3);
  });

  test('is refused over a window whose region 0 is another one', () => {
    window = openTestWindow([plain]);
    const { layout, buffer } = window;
    const ports = { ringHost() {}, fill() {}, fillLater: async () => {} };
    expect(() => openDriver(layout, buffer, ports)).toThrow('region 0 must be system, found plain');
  });
});

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
    const receiver = openAs(pid);
    world.ioctl(receiver, ioctlNumber.waitForIncomingInterrupt);
    raise(world.hostToGuest(plain));
    world.driver.processEnded(pid);
    expect(isRaised(world.hostToGuest(plain))).toBe(false);
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

  test('heals nothing in a quiet system', () => {
    vi.useFakeTimers();
    world = openDriverWorld();
    const bytes = condWaitBytes({ offset: world.window.region(plain.name).dataOffset });
    world.ioctl(world.open(plain), ioctlNumber.condWait, { bytes });
    vi.advanceTimersByTime(10_000);
    expect(world.driver.counters).toEqual({ scribbledOwners: 0, foreignEntries: 0, heals: 0 });
  });
});
