// The table of buffers as its one writer keeps it: next to what stands in shared memory a record of its own, since any
// guest process can write there. Only owner words are believed, because nobody but guest-driver says when an area is free;
// and where a claim showed that a word lies, not even that one (holders.ts).
import type { View } from '@vsoc/struct';
import type { Claim } from '@vsoc/vsoc/guest';
import { regionFree } from '@vsoc/vsoc/layout';
import { type Area, isOverlapping } from './areas.js';
import type { BufferShape } from './formats.js';
import type { grallocManager } from './layout.js';
import { isAreaOf } from './space.js';

/** Who asked for what: one row as it will stand in the table. */
export interface Tenant {
  readonly area: Area;
  readonly shape: BufferShape;
  readonly format: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly usage: number;
  readonly clientPid: number;
}

export interface TableRow {
  readonly entry: number;
  /** Without a byte where nothing is known of a last tenant. */
  readonly area: Area;
  readonly clientPid: number;
}

export interface BufferTable {
  /** Rows that are taken at this moment: their owner words are not FREE, or they are hidden. */
  live(): TableRow[];
  /** The lowest entry that is not taken. */
  firstFree(): number | undefined;
  /** What is to be claimed of `area` for an entry, under a generation that it never had; writes nothing. */
  claimOf(entry: number, area: Area): Claim;
  /** That claim was granted: from now on the tenant has the row, there and in the record. */
  enter(entry: number, claim: Claim, tenant: Tenant): void;
  /** What the record says of an entry. */
  row(entry: number): TableRow;
  /** Rows that are not taken as far as anybody can read, and had some of this area last. */
  lastTenantsOf(area: Area): TableRow[];
  /** Somebody holds the entry though its owner word reads FREE: from now on it is taken, whatever that word says. */
  hide(entry: number): void;
  hidden(): TableRow[];
  /** The entry is its owner word's again, and whoever had it last is nobody's business any more. */
  forget(entry: number): void;
}

export type ManagerData = View<(typeof grallocManager)['data']>;

/**
 * Takes over what a predecessor left, as far as it can be true: of an entry whose owner word is not its generation, or
 * whose area lies nowhere in `space`, only the entry is taken. The rest may still be lies: see confirms in holders.ts.
 */
export function openTable(data: ManagerData, space: Area): BufferTable {
  const words = [...data.entries];
  const owners = words.map(({ owner }) => owner);
  const generations = words.map(({ generation }) => generation.load());
  const hidden = new Set<number>();
  const rows = words.map(({ owner, beginOffset, endOffset, clientPid }, entry): TableRow => {
    const area = { beginOffset, endOffset };
    const isOwned = owner.load() === generations[entry] && generations[entry] !== regionFree;
    return isOwned && isAreaOf(space, area) ? { entry, area, clientPid } : unknown(entry);
  });

  const isFree = (entry: number) => owners[entry]?.load() === regionFree && !hidden.has(entry);

  function wordsOf(entry: number) {
    const row = words[entry];
    if (row) return row;
    throw new RangeError(`the table has ${words.length} entries, not one ${entry}`);
  }

  function forget(entry: number): void {
    rows[entry] = unknown(entry);
    hidden.delete(entry);
  }

  return {
    live: () => rows.filter(({ entry }) => !isFree(entry)),
    firstFree: () => rows.find(({ entry }) => isFree(entry))?.entry,
    claimOf(entry, area) {
      const { offset: ownerOffset } = wordsOf(entry).owner;
      const generation = ((generations[entry] ?? 0) + 1) >>> 0 || 1;
      generations[entry] = generation;
      return { ...area, ownerOffset, ownedValue: generation };
    },
    enter(index, { ownedValue }, { area, shape, format, widthPx, heightPx, usage, clientPid }) {
      const entry = wordsOf(index);
      // guest-driver gave it away: whoever had the entry or some of the area holds it no more.
      for (const row of rows) if (row.entry === index || isOverlapping(row.area, area)) forget(row.entry);
      rows[index] = { entry: index, area, clientPid };
      entry.beginOffset = area.beginOffset;
      entry.endOffset = area.endOffset;
      entry.format = format;
      entry.widthPx = widthPx;
      entry.heightPx = heightPx;
      entry.strideBytes = shape.strideBytes;
      entry.usage = usage;
      entry.clientPid = clientPid;
      entry.allocatedAtNs = process.hrtime.bigint();
      entry.acquire.store(0);
      entry.release.store(0);
      // SYNC POINT entry-generation (release side). Pairs with host.ts resolve and guest.ts checkEntry. Last of the row:
      // the owner word holds the new generation since the grant, so the former tenant's reference is stale since then,
      // and the new one's until here. Nobody sees this generation with the other's numbers or fences; nor does a claim
      // that is lost, to a tenant who lives on, touch that tenant's row.
      entry.generation.store(ownedValue);
    },
    row: (entry) => rows[entry] ?? unknown(entry),
    lastTenantsOf: (area) => rows.filter((row) => isFree(row.entry) && isOverlapping(row.area, area)),
    hide: (entry) => void hidden.add(entry),
    hidden: () => rows.filter(({ entry }) => hidden.has(entry)),
    forget,
  };
}

const unknown = (entry: number): TableRow => ({
  entry,
  area: { beginOffset: 0, endOffset: 0 },
  clientPid: 0,
});
