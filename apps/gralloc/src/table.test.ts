/** The table as its writer keeps it, over plain memory; the test frees and grants owner words as the guest driver does. */
import type { Memory } from '@vsoc/struct';
import { beforeEach, describe, expect, test } from 'vitest';
import { entryCount, grallocEntry, grallocManager } from './layout.js';
import { type BufferTable, type ManagerData, openTable, type Tenant } from './table.js';
import { dataOffset, entryBytes, openMemory, space, tenantOf } from './testing/table-memory.js';

let data: ManagerData;
let table: BufferTable;
beforeEach(() => {
  data = grallocManager.data.over(openMemory(), dataOffset);
  table = openTable(data, space);
});

const ownerOf = (entry: number) => data.entries.at(entry).owner;

/** Claims for a tenant, and enters it as granted. */
function grant(entry: number, tenant: Tenant): number {
  const claim = table.claimOf(entry, tenant.area);
  ownerOf(entry).store(claim.ownedValue);
  table.enter(entry, claim, tenant);
  return claim.ownedValue;
}

const rowOf = (entry: number, page: number, clientPid: number) => ({
  entry,
  area: tenantOf(page).area,
  clientPid,
});
const unknownRow = (entry: number) => ({ entry, area: { beginOffset: 0, endOffset: 0 }, clientPid: 0 });

describe('a claim', () => {
  test('names the owner word, and a generation that the entry never had', () => {
    const area = { beginOffset: 0x3000, endOffset: 0x4000 };
    const claims = [1, 2, 3].map(() => table.claimOf(7, area));
    expect(claims).toEqual(
      [1, 2, 3].map((ownedValue) => ({ ...area, ownerOffset: dataOffset + 7 * entryBytes, ownedValue })),
    );
  });

  test('goes past 0 when generations wrap: 0 is FREE', () => {
    data.entries.at(4).generation.store(0xffff_fffe);
    table = openTable(data, space);
    const generations = [1, 2, 3].map(() => table.claimOf(4, tenantOf(1).area).ownedValue);
    expect(generations).toEqual([0xffff_ffff, 1, 2]);
  });

  test('that is lost leaves the row as it was, whoever lives there', () => {
    grant(7, tenantOf(3));
    data.entries.at(7).acquire.store(2);
    const before = grallocEntry.snapshot(data.entries.at(7));
    table.claimOf(7, tenantOf(5).area);
    expect(grallocEntry.snapshot(data.entries.at(7))).toEqual(before);
  });

  test.each([entryCount, -1, 0.5])('for entry %s is refused', (entry) => {
    const text = `the table has 128 entries, not one ${entry}`;
    expect(() => table.claimOf(entry, tenantOf(1).area)).toThrow(new RangeError(text));
  });
});

describe('enter', () => {
  test('writes the whole row, with fences at 0', () => {
    const entry = data.entries.at(7);
    entry.acquire.store(5);
    entry.release.store(6);
    const beforeNs = process.hrtime.bigint();
    table.enter(7, table.claimOf(7, tenantOf(3).area), tenantOf(3));
    const afterNs = process.hrtime.bigint();
    expect(entry).toMatchObject({
      beginOffset: 0x3000,
      endOffset: 0x4000,
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
    grant(7, tenantOf(3));
    for (const [index, { generation, endOffset }] of [...data.entries].entries()) {
      if (index !== 7) expect([generation.load(), endOffset]).toEqual([0, 0]);
    }
  });

  test('shows nobody the new generation with anything of the former tenant', () => {
    const { words, view } = openMemory();
    let look = () => {};
    const hooked: Memory = {
      view,
      get words() {
        look();
        return words;
      },
    };
    data = grallocManager.data.over({ words, view }, dataOffset);
    const entry = data.entries.at(0);
    table = openTable(grallocManager.data.over(hooked, dataOffset), space);
    grant(0, tenantOf(3, 7));
    for (const fence of [entry.acquire, entry.release]) fence.store(9);
    const seen = new Set<string>();
    // Before each atomic access, as another process could.
    look = () => {
      const { generation, acquire, release, endOffset, clientPid } = grallocEntry.snapshot(entry);
      seen.add(JSON.stringify({ generation, acquire, release, endOffset, clientPid }));
    };
    grant(0, { ...tenantOf(8, 77) });
    look();
    const ofNewOne = [...seen].filter((text) => JSON.parse(text).generation === 2);
    expect(ofNewOne.map((text) => JSON.parse(text))).toEqual([
      { generation: 2, acquire: 0, release: 0, endOffset: 0x9000, clientPid: 77 },
    ]);
    expect(seen.size).toBeGreaterThan(2);
  });
});

describe('live rows and free entries', () => {
  test('a row lives from its grant to its freeing', () => {
    grant(2, tenantOf(5, 77));
    expect(table.live()).toEqual([rowOf(2, 5, 77)]);
    ownerOf(2).store(0);
    expect(table.live()).toEqual([]);
  });

  test('the lowest free entry is told, without those that are hidden; none when all are taken', () => {
    expect(table.firstFree()).toBe(0);
    for (const entry of [0, 1, 3]) table.hide(entry);
    expect(table.firstFree()).toBe(2);
    for (const entry of [0, 1, 3]) table.forget(entry);
    for (let entry = 0; entry < entryCount; entry++) grant(entry, tenantOf(entry + 1));
    expect(table.firstFree()).toBeUndefined();
    ownerOf(100).store(0);
    ownerOf(101).store(0);
    expect(table.firstFree()).toBe(100);
    table.hide(100);
    expect(table.firstFree()).toBe(101);
    table.hide(101);
    expect(table.firstFree()).toBeUndefined();
  });

  test('what is hidden is taken and charged, whatever its word says, until it is forgotten or granted', () => {
    grant(2, tenantOf(5, 77));
    table.hide(2);
    const generation = ownerOf(2).exchange(0);
    expect([table.live(), table.hidden()]).toEqual([[rowOf(2, 5, 77)], [rowOf(2, 5, 77)]]);
    // Otherwise who writes the two in turn would make the allocator ask each time.
    ownerOf(2).store(generation);
    ownerOf(2).store(0);
    expect(table.hidden()).toEqual([rowOf(2, 5, 77)]);
    table.forget(2);
    expect([table.live(), table.hidden(), table.row(2)]).toEqual([[], [], unknownRow(2)]);
    table.hide(2);
    grant(2, tenantOf(6, 78));
    expect([table.live(), table.hidden()]).toEqual([[rowOf(2, 6, 78)], []]);
  });
});

describe('last tenants of an area', () => {
  test('are those whose rows read free, as long as nobody else was granted any of it', () => {
    for (const [entry, page] of [2, 4, 6, 8].entries()) grant(entry, tenantOf(page));
    for (const entry of [0, 1, 3]) ownerOf(entry).store(0);
    const tenants = (beginOffset: number, endOffset: number) =>
      table.lastTenantsOf({ beginOffset, endOffset }).map((row) => row.entry);
    expect(tenants(0x2000, 0x5000)).toEqual([0, 1]);
    expect(tenants(0x3000, 0x4000)).toEqual([]);
    expect(tenants(0x6000, 0x7000)).toEqual([]);
    table.hide(1);
    expect(tenants(0x2000, 0x5000)).toEqual([0]);
    grant(9, tenantOf(2));
    ownerOf(9).store(0);
    expect(tenants(0x2000, 0x5000)).toEqual([9]);
    expect(table.row(0)).toEqual(unknownRow(0));
  });
});

describe('what any guest process scribbles', () => {
  const lies = { beginOffset: 0, endOffset: 4096, clientPid: 1, format: 99, usage: 0 };

  test('into a live row misleads the record in nothing', () => {
    const generation = grant(2, tenantOf(5, 77));
    Object.assign(data.entries.at(2), lies);
    data.entries.at(2).generation.store(0);
    expect(table.live()).toEqual([rowOf(2, 5, 77)]);
    expect(table.claimOf(2, tenantOf(6).area).ownedValue).toBe(generation + 1);
  });

  test('into an owner word only makes an entry look taken, with the area that it had', () => {
    for (let entry = 0; entry < 9; entry++) grant(entry, tenantOf(entry + 1));
    ownerOf(9).store(0xdead_beef);
    expect(table.firstFree()).toBe(10);
    expect(table.live().at(-1)).toEqual(unknownRow(9));
  });

  test.each([
    ['an area that ends before it begins', { beginOffset: 0x5000, endOffset: 0x3000 }],
    ['an area of no byte', { beginOffset: 0x5000, endOffset: 0x5000 }],
    ['an area that is off its pages', { beginOffset: 0x5000, endOffset: 0x6001 }],
    ['an area before the space', { beginOffset: 0, endOffset: 0x6000 }],
    ['an area behind the space', { beginOffset: 0x5000, endOffset: 0xffff_f000 }],
  ])('is what a successor finds: %s takes its entry, and nothing else', (_, area) => {
    grant(2, tenantOf(5, 77));
    Object.assign(data.entries.at(2), area);
    expect(openTable(data, space).live()).toEqual([unknownRow(2)]);
  });

  test('is what a successor finds: an owner word that is not the generation takes its entry alone', () => {
    grant(2, tenantOf(5, 77));
    for (const generation of [0, 2, 0xffff_ffff]) {
      data.entries.at(2).generation.store(generation);
      expect(openTable(data, space).live()).toEqual([unknownRow(2)]);
    }
  });
});
