/** The table as its writer keeps it, over plain memory; the test frees and grants owner words as the guest driver does. */
import type { Memory } from '@vsoc/struct';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { pixelFormat, shapeOf } from './formats.js';
import { entryCount, grallocManager } from './layout.js';
import { type BufferTable, type ManagerData, openTable, type Tenant } from './table.js';

/** Where the region's data begins: owner words are named from the region's first byte. */
const dataOffset = 4096;
const firstOwner = 4096;
const entryBytes = 64;

function openMemory(): Memory {
  const buffer = new SharedArrayBuffer(dataOffset + grallocManager.data.size);
  return { words: new Int32Array(buffer), view: new DataView(buffer) };
}

/** Page `page` for process `clientPid`. */
function tenantOf(page: number, clientPid = 100): Tenant {
  const format = pixelFormat.rgb565;
  return {
    area: { beginOffset: 4096 * page, endOffset: 4096 * (page + 1) },
    shape: shapeOf(format, 33, 3),
    format,
    widthPx: 33,
    heightPx: 3,
    usage: 0x833,
    clientPid,
  };
}

let data: ManagerData;
let table: BufferTable;
beforeEach(() => {
  data = grallocManager.data.over(openMemory(), dataOffset);
  table = openTable(data);
});

const ownerOf = (entry: number) => data.entries.at(entry).owner;

/** Enters a tenant, and grants what it claims. */
function grant(entry: number, tenant: Tenant): number {
  const { ownedValue } = table.enter(entry, tenant);
  ownerOf(entry).store(ownedValue);
  table.granted(entry, tenant);
  return ownedValue;
}

describe('enter', () => {
  test('writes the whole row, with fences at 0, and says what is to be claimed', () => {
    const entry = data.entries.at(7);
    entry.acquire.store(5);
    entry.release.store(6);
    const beforeNs = process.hrtime.bigint();
    const claim = table.enter(7, tenantOf(3));
    const afterNs = process.hrtime.bigint();
    const area = { beginOffset: 0x3000, endOffset: 0x4000 };
    expect(claim).toEqual({ ...area, ownerOffset: firstOwner + 7 * entryBytes, ownedValue: 1 });
    expect(entry).toMatchObject({
      ...area,
      format: 4,
      widthPx: 33,
      heightPx: 3,
      strideBytes: 128,
      usage: 0x833,
      clientPid: 100,
    });
    const words = [entry.owner, entry.generation, entry.acquire, entry.release].map((word) => word.load());
    expect(words).toEqual([0, 1, 0, 0]);
    expect(entry.allocatedAtNs).toBeGreaterThanOrEqual(beforeNs);
    expect(entry.allocatedAtNs).toBeLessThanOrEqual(afterNs);
  });

  test('leaves every other row as it was', () => {
    table.enter(7, tenantOf(3));
    for (const [index, { generation, endOffset }] of [...data.entries].entries()) {
      if (index !== 7) expect([generation.load(), endOffset]).toEqual([0, 0]);
    }
  });

  test('raises the generation each time, whether it was granted or not', () => {
    expect([1, 2, 3].map(() => table.enter(0, tenantOf(1)).ownedValue)).toEqual([1, 2, 3]);
  });

  test('goes past 0 when generations wrap: 0 is FREE', () => {
    data.entries.at(4).generation.store(0xffff_fffe);
    table = openTable(data);
    const generations = [1, 2, 3].map(() => table.enter(4, tenantOf(1)).ownedValue);
    expect(generations).toEqual([0xffff_ffff, 1, 2]);
    expect(data.entries.at(4).generation.load()).toBe(2);
  });

  test.each([entryCount, -1, 0.5])('refuses entry %s', (entry) => {
    const text = `the table has 128 entries, not one ${entry}`;
    expect(() => table.enter(entry, tenantOf(1))).toThrow(new RangeError(text));
  });
});

describe('live rows and free entries', () => {
  test('a row lives from its grant to its freeing', () => {
    const { ownedValue } = table.enter(2, tenantOf(5, 77));
    expect(table.live()).toEqual([]);
    ownerOf(2).store(ownedValue);
    table.granted(2, tenantOf(5, 77));
    expect(table.live()).toEqual([{ entry: 2, area: tenantOf(5).area, clientPid: 77 }]);
    ownerOf(2).store(0);
    expect(table.live()).toEqual([]);
  });

  test('the lowest free entry is told, without those to avoid; none when all are taken', () => {
    expect(table.firstFree([])).toBe(0);
    expect(table.firstFree([0, 1, 3])).toBe(2);
    for (let entry = 0; entry < entryCount; entry++) grant(entry, tenantOf(entry));
    expect(table.firstFree([])).toBeUndefined();
    ownerOf(100).store(0);
    ownerOf(101).store(0);
    expect(table.firstFree([])).toBe(100);
    expect(table.firstFree([100])).toBe(101);
    expect(table.firstFree([100, 101])).toBeUndefined();
  });
});

describe('suspects of a lost claim', () => {
  test('are rows that read free: of the entry itself, and of whatever the area touches', () => {
    for (const [entry, page] of [2, 4, 6, 8].entries()) grant(entry, tenantOf(page));
    for (const entry of [0, 1, 3]) ownerOf(entry).store(0);
    const suspects = (entry: number, beginOffset: number, endOffset: number) =>
      table.suspects({ entry, area: { beginOffset, endOffset } }).map((row) => row.entry);
    expect(suspects(9, 0x2000, 0x5000)).toEqual([0, 1, 9]);
    expect(suspects(3, 0x2000, 0x2001)).toEqual([0, 3]);
    expect(suspects(9, 0x6000, 0x7000)).toEqual([9]);
    table.enter(0, tenantOf(30));
    expect(suspects(9, 0x2000, 0x3000)).toEqual([0, 9]);
  });
});

describe('what any guest process scribbles', () => {
  const lies = { beginOffset: 0, endOffset: 4096, clientPid: 1, format: 99, usage: 0 };

  test('into a live row misleads the record in nothing', () => {
    const generation = grant(2, tenantOf(5, 77));
    Object.assign(data.entries.at(2), lies);
    data.entries.at(2).generation.store(0);
    expect(table.live()).toEqual([{ entry: 2, area: tenantOf(5).area, clientPid: 77 }]);
    expect(table.enter(2, tenantOf(6)).ownedValue).toBe(generation + 1);
  });

  test('into an owner word only makes an entry look taken, with the area that it had', () => {
    ownerOf(9).store(0xdead_beef);
    expect(table.firstFree([0, 1, 2, 3, 4, 5, 6, 7, 8])).toBe(10);
    const nothing = { beginOffset: 0, endOffset: 0 };
    expect(table.live()).toEqual([{ entry: 9, area: nothing, clientPid: 0 }]);
  });

  test('is what a successor finds: an area that ends before it begins has no bytes', () => {
    grant(2, tenantOf(5, 77));
    Object.assign(data.entries.at(2), { beginOffset: 0xffff_f000, endOffset: 3 });
    const area = { beginOffset: 0xffff_f000, endOffset: 0xffff_f000 };
    expect(openTable(data).live()).toEqual([{ entry: 2, area, clientPid: 77 }]);
  });

  test('is what a successor finds: an area that is off its pages has all those that it touches', () => {
    grant(2, tenantOf(5, 77));
    Object.assign(data.entries.at(2), { beginOffset: 0x5fff, endOffset: 0x6001 });
    const area = { beginOffset: 0x5000, endOffset: 0x7000 };
    expect(openTable(data).live()).toEqual([{ entry: 2, area, clientPid: 77 }]);
  });
});

/** What one row ought to be. */
interface ModelRow {
  generation: number;
  tenant?: Tenant;
  isLive: boolean;
}

test('whatever happens, live rows, free entries and generations are those of a model; successors take over', () => {
  const command = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('enter'), at: fc.nat(9), pid: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('free'), at: fc.nat(9), pid: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose'), at: fc.nat(9), pid: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart'), at: fc.nat(9), pid: fc.constant(0) }) },
  );
  const begin = fc.array(fc.constantFrom(0, 1, 0xffff_fffd, 0xffff_ffff), { minLength: 10, maxLength: 10 });

  function run(
    generations: readonly number[],
    commands: readonly { kind: string; at: number; pid: number }[],
  ) {
    data = grallocManager.data.over(openMemory(), dataOffset);
    // Ten entries are enough to play with; the others are somebody's.
    for (const [index, { owner }] of [...data.entries].entries()) owner.store(index < 10 ? 0 : 1);
    for (const [index, value] of generations.entries()) data.entries.at(index).generation.store(value);
    table = openTable(data);
    const model: ModelRow[] = generations.map((generation) => ({ generation, isLive: false }));

    for (const [step, { kind, at, pid }] of commands.entries()) {
      const free = model.flatMap(({ isLive }, entry) => (isLive ? [] : [entry]));
      expect(table.firstFree([])).toBe(free[0]);
      expect(table.firstFree([at, ...free.slice(0, 1)])).toBe(free.slice(1).find((entry) => entry !== at));
      const [entry] = free;
      const row = entry === undefined ? undefined : model[entry];
      if ((kind === 'enter' || kind === 'lose') && entry !== undefined && row) {
        const tenant = tenantOf(step + 1, 100 + pid);
        row.generation = row.generation === 0xffff_ffff ? 1 : row.generation + 1;
        const ownerOffset = firstOwner + entry * entryBytes;
        const claim = { ...tenant.area, ownerOffset, ownedValue: row.generation };
        expect(table.enter(entry, tenant)).toEqual(claim);
        row.tenant = tenant;
        row.isLive = kind === 'enter';
        if (row.isLive) ownerOf(entry).store(row.generation);
        if (row.isLive) table.granted(entry, tenant);
      }
      if (kind === 'free' && model[at]?.isLive) {
        ownerOf(at).store(0);
        model[at].isLive = false;
      }
      if (kind === 'restart') table = openTable(data);
      const living = model.flatMap(({ tenant, isLive }, live) =>
        tenant && isLive ? [{ entry: live, area: tenant.area, clientPid: tenant.clientPid }] : [],
      );
      expect(table.live().slice(0, -(entryCount - 10))).toEqual(living);
    }
  }

  const property = fc.property(begin, fc.array(command, { maxLength: 40 }), run);
  fc.assert(property, { numRuns: 150 });
});
