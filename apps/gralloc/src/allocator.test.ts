/**
 * The allocator over guest-driver's own record of permissions, in one process: whatever stands in owner words and rows,
 * who asks for what is free gets it, and nobody is charged for what somebody wrote.
 */
import { pageBytes } from '@vsoc/vsoc/layout';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Allocation, Allocator } from './allocator.js';
import { freeRuns, sizeOf } from './areas.js';
import { pixelFormat } from './formats.js';
import { entryCount } from './layout.js';
import { openWorld, type PermissionWorld, spacePages } from './testing/permission-world.js';
import { usage } from './usage.js';

const pagesOf = (pages: number) => ({
  format: pixelFormat.blob,
  widthPx: pages * pageBytes,
  heightPx: 1,
  usage: usage.cpuRead,
});
const [attacker, victim, other] = [66, 77, 88];

let world: PermissionWorld;
let allocator: Allocator;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  world = openWorld();
  allocator = await world.open();
});
afterEach(() => void vi.useRealTimers());

function granted(allocation: Allocation) {
  if ('refused' in allocation) throw new Error(`refused: ${allocation.refused}: ${allocation.text}`);
  return { entry: allocation.reference.entry, free: () => allocation.description[Symbol.dispose]() };
}
const allocate = async (pages: number, pid: number) => granted(await allocator.allocate(pagesOf(pages), pid));

async function allocateAll(count: number, pages: number, pid: number) {
  const held = [];
  for (let i = 0; i < count; i++) held.push(await allocate(pages, pid));
  return held;
}

describe('a client that writes 0 into its owner words', () => {
  test.each([8, 100])('(%i of them) costs others a claim each, once', async (count) => {
    const held = await allocateAll(count, 1, attacker);
    for (const { entry } of held) world.entry(entry).owner.store(0);
    await allocate(1, victim);
    const before = world.claims();
    await allocate(1, victim);
    await allocate(spacePages - count - 2, other);
    expect(world.claims() - before).toBe(2);
  });

  test('costs nobody else room: what is left is granted whole, at the first request', async () => {
    for (const { entry } of await allocateAll(8, 1, attacker)) world.entry(entry).owner.store(0);
    await allocate(384, victim);
    expect(world.live.size).toBe(9);
  });

  test('loses none of its rows: what a claim is lost to stays as it was', async () => {
    const { entry } = await allocate(1, attacker);
    const row = world.entry(entry);
    row.acquire.store(2);
    row.owner.store(0);
    await allocate(1, victim);
    expect([row.generation.load(), row.acquire.load(), row.clientPid]).toEqual([1, 2, attacker]);
  });

  test('is charged all the same, once it was noticed', async () => {
    allocator = await world.open({ budgetBytes: 8 * pageBytes });
    for (const { entry } of await allocateAll(8, 1, attacker)) world.entry(entry).owner.store(0);
    await allocate(1, victim);
    expect(await allocator.allocate(pagesOf(1), attacker)).toMatchObject({ refused: 'EDQUOT' });
  });

  test('gives entries, memory and budget back when it lets go, though no word tells of it', async () => {
    const held = await allocateAll(96, 4, attacker);
    for (const { entry } of held) world.entry(entry).owner.store(0);
    await allocate(1, victim);
    for (const { free } of held) free();
    vi.advanceTimersByTime(100);
    await allocate(384, attacker);
    await allocate(spacePages - 385, other);
  });

  test('makes the allocator ask no more than every 100 ms', async () => {
    for (const { entry } of await allocateAll(96, 1, attacker)) world.entry(entry).owner.store(0);
    await allocate(1, victim);
    await allocator.allocate(pagesOf(spacePages), other);
    const before = world.claims();
    for (let i = 0; i < 100; i++) await allocator.allocate(pagesOf(417), other);
    expect(world.claims() - before).toBe(0);
  });
});

describe('a successor', () => {
  const lie = (entry: number, firstPage: number, pages: number, clientPid = victim) => {
    const beginOffset = world.space.beginOffset + firstPage * pageBytes;
    const row = world.entry(entry);
    Object.assign(row, { beginOffset, endOffset: beginOffset + pages * pageBytes, clientPid });
    row.generation.store(1);
    row.owner.store(1);
  };

  test('believes no row that claims the whole memory for somebody', async () => {
    await allocate(5, other);
    lie(100, 0, spacePages);
    lie(101, 7, 500);
    allocator = await world.open();
    await allocate(384, victim);
    await allocate(spacePages - 389, other);
  });

  test('charges nobody for pages that nobody has', async () => {
    for (let entry = 20; entry < entryCount; entry++) lie(entry, 2 * entry, 1);
    allocator = await world.open({ budgetBuffers: 2 });
    await allocate(1, victim);
    await allocate(1, victim);
  });

  test.each([
    { owner: 1, generation: 2, endOffset: undefined },
    { owner: 0xffff_ffff, generation: 0, endOffset: undefined },
    { owner: 1, generation: 1, endOffset: 0xffff_f000 },
  ])('believes no row that cannot be: %o', async ({ owner, generation, endOffset }) => {
    lie(100, 0, spacePages);
    world.entry(100).owner.store(owner);
    world.entry(100).generation.store(generation);
    if (endOffset !== undefined) world.entry(100).endOffset = endOffset;
    allocator = await world.open();
    await allocate(384, victim);
  });

  test('goes around buffers that are held, and charges who asked for them', async () => {
    await allocate(1, victim);
    await allocate(300, victim);
    await allocate(1, other);
    allocator = await world.open({ budgetBytes: 310 * pageBytes });
    const before = world.claims();
    expect(await allocator.allocate(pagesOf(10), victim)).toMatchObject({
      refused: 'EDQUOT',
      availableBytes: 9 * pageBytes,
    });
    await allocate(9, victim);
    // Two for each row that it found, and its own.
    expect(world.claims() - before).toBe(7);
  });

  test.each(['its row says nothing', 'its row lies'])(
    'gets past a large buffer whose owner word was written over, where %s',
    async (what) => {
      const { entry, free } = await allocate(300, attacker);
      if (what === 'its row lies') world.entry(entry).beginOffset += pageBytes;
      else world.entry(entry).owner.store(0);
      allocator = await world.open();
      for (let i = 0; i < 20; i++) await allocate(1, victim);
      free();
      vi.advanceTimersByTime(100);
      await allocate(300, other);
    },
  );
});

test('what strangers claimed past the allocator costs a few claims', async () => {
  const { beginOffset } = world.space;
  const ownedValue = 1;
  const area = { beginOffset, endOffset: beginOffset + 300 * pageBytes };
  world.claim({ ...area, ownerOffset: world.strangersWord, ownedValue });
  const before = world.claims();
  for (let i = 0; i < 50; i++) await allocate(1, victim);
  expect(world.claims() - before).toBeLessThan(50 * 20);
  expect(await allocator.allocate(pagesOf(400), other)).toMatchObject({ refused: 'ENOSPC' });
});

test('two callers at a time get two entries', async () => {
  const both = await Promise.all([allocate(1, victim), allocate(1, other)]);
  expect(both.map(({ entry }) => entry)).toEqual([0, 1]);
  expect(world.claims()).toBe(2);
});

test('whoever writes 0 wherever: what fits between the live permissions is granted', async () => {
  const operation = fc.record({
    kind: fc.constantFrom('allocate', 'allocate', 'free', 'write 0'),
    at: fc.nat(40),
    pages: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 120 })),
  });
  let grants = 0;

  async function run(operations: readonly { kind: string; at: number; pages: number }[]) {
    world = openWorld();
    allocator = await world.open();
    const held: { entry: number; free: () => void }[] = [];
    for (const { kind, at, pages } of operations) {
      // Those who were hidden are asked about again.
      vi.advanceTimersByTime(100);
      if (kind === 'write 0') world.entry(at).owner.store(0);
      if (kind === 'free') held.splice(at % (held.length + 1), 1)[0]?.free();
      if (kind !== 'allocate') continue;
      const largest = Math.max(0, ...freeRuns(world.space, [...world.live]).map(sizeOf));
      const allocation = await allocator.allocate(pagesOf(pages), attacker);
      if (!('refused' in allocation)) {
        grants++;
        held.push(granted(allocation));
      } else expect(largest, allocation.text).toBeLessThan(pages * pageBytes);
    }
  }
  await fc.assert(fc.asyncProperty(fc.array(operation, { minLength: 20, maxLength: 80 }), run), {
    numRuns: 200,
  });
  expect(grants).toBeGreaterThan(1000);
});
