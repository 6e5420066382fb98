// A guest's boot: clean memory, a new epoch, everybody told, and only then open nodes.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { guestState, system } from '../layout/index.js';
import { drain, insert, isRaised, raise, signalTable } from '../signalling/index.js';
import { type DriverWorld, openDriverWorld } from '../testing/driver-world.js';
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

function tableOf(of: TestWindow) {
  const memory = of.memory(plain.name);
  return signalTable(memory, of.region(plain.name).hostToGuest, memory.sizeBytes);
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

  test('counts what no sender can have written into a table', () => {
    window = openTestWindow();
    const { firstSlot } = tableOf(window);
    window.memory(plain.name).words[firstSlot] = 3;
    world = openDriverWorld({ window });
    expect(world.driver.counters.foreignEntries).toBe(1);
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
