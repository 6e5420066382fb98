// The table of buffers as its one writer keeps it: next to what stands in shared memory a record of its own, since any
// guest process can write there. Only owner words are believed, because nobody but guest-driver says when an area is free.
import type { View } from '@vsoc/struct';
import type { Claim } from '@vsoc/vsoc/guest';
import { pageBytes, regionFree } from '@vsoc/vsoc/layout';
import type { Area } from './areas.js';
import type { BufferShape } from './formats.js';
import type { grallocManager } from './layout.js';

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
  readonly area: Area;
  readonly clientPid: number;
}

export interface BufferTable {
  /** Rows whose owner word is not FREE at this moment. */
  live(): TableRow[];
  /** The lowest entry whose owner word is FREE, and which is not among `avoided`. */
  firstFree(avoided: readonly number[]): number | undefined;
  /** Writes a tenant into a free entry and raises its generation: what is to be claimed now. */
  enter(entry: number, tenant: Tenant): Claim;
  /** That claim was granted: from now on the tenant's row counts. */
  granted(entry: number, tenant: Tenant): void;
  /**
   * Rows that a lost claim of this place may be due to although their owner word reads FREE: somebody wrote the 0, and
   * only guest-driver knows that they live.
   */
  suspects(place: Pick<TableRow, 'entry' | 'area'>): TableRow[];
}

export type ManagerData = View<(typeof grallocManager)['data']>;

/** Takes over what a predecessor left: its buffers live on as long as their owner words say so. */
export function openTable(data: ManagerData): BufferTable {
  const words = [...data.entries];
  const owners = words.map(({ owner }) => owner);
  const generations = words.map(({ generation }) => generation.load());
  const rows = words.map(({ beginOffset, endOffset, clientPid }, entry) => ({
    entry,
    area: pagesOf(beginOffset, endOffset),
    clientPid,
  }));
  const isFree = (entry: number) => owners[entry]?.load() === regionFree;

  return {
    live: () => rows.filter(({ entry }) => !isFree(entry)),
    firstFree: (avoided) => rows.find(({ entry }) => isFree(entry) && !avoided.includes(entry))?.entry,
    enter(index, { area, shape, format, widthPx, heightPx, usage, clientPid }) {
      const entry = words[index];
      const last = generations[index];
      if (!entry || last === undefined)
        throw new RangeError(`the table has ${words.length} entries, not one ${index}`);
      const generation = (last + 1) >>> 0 || 1;
      generations[index] = generation;
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
      // SYNC POINT entry-generation (release side). Pairs with host.ts resolve and guest.ts checkEntry.
      entry.generation.store(generation);
      return { ...area, ownerOffset: entry.owner.offset, ownedValue: generation };
    },
    granted(entry, { area, clientPid }) {
      rows[entry] = { entry, area, clientPid };
    },
    suspects: (place) =>
      rows.filter(
        ({ entry, area }) => isFree(entry) && (entry === place.entry || isOverlapping(area, place.area)),
      ),
  };
}

/** The whole pages that a row touches: behind an end that somebody moved off them no free run could be claimed. */
function pagesOf(beginOffset: number, endOffset: number): Area {
  const begin = Math.floor(beginOffset / pageBytes) * pageBytes;
  return { beginOffset: begin, endOffset: Math.max(begin, Math.ceil(endOffset / pageBytes) * pageBytes) };
}

const isOverlapping = (one: Area, other: Area): boolean =>
  one.beginOffset < other.endOffset && other.beginOffset < one.endOffset;
