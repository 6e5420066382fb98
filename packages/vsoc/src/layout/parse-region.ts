/** The rules for region records: each on its own, then all of them against each other. */
import type { Values } from '@vsoc/struct';
import type { vsocDeviceRegion, vsocSignalTableLayout } from './header.js';
import { headerBytes, maxSlotCountLog2, pageBytes, regionWhole } from './numbers.js';
import { hex, regionOffset, windowOffset } from './offsets.js';
import { checkName, checkVersionNumbers } from './region.js';
import { LayoutError, type RegionLayout, type TableLayout } from './window-layout.js';

type RegionRecord = Values<typeof vsocDeviceRegion>;
type TableRecord = Values<typeof vsocSignalTableLayout>;

const op = 'parseWindow';
const maxU32 = 0xffff_ffff;

export interface RecordPlace {
  readonly index: number;
  readonly windowSizeBytes: number;
  readonly versions: 'checked' | 'as-is';
}

export function parseRegion(record: RegionRecord, place: RecordPlace): RegionLayout {
  checkName(op, `region ${place.index}, device_name`, record.deviceName);
  const where = `region ${place.index} (${record.deviceName})`;
  if (place.versions === 'checked') {
    checkVersionNumbers(op, where, {
      current: record.currentVersion,
      minCompatible: record.minCompatibleVersion,
    });
  }
  checkSpan(where, record, place.windowSizeBytes);
  const sizeBytes = record.regionEndOffset - record.regionBeginOffset;
  checkTables(where, record, sizeBytes);
  return {
    index: place.index,
    name: record.deviceName,
    currentVersion: record.currentVersion,
    minCompatibleVersion: record.minCompatibleVersion,
    beginOffset: windowOffset(record.regionBeginOffset),
    endOffset: windowOffset(record.regionEndOffset),
    dataOffset: regionOffset(record.offsetOfRegionData),
    guestToHost: tableLayout(record.guestToHostSignalTable),
    hostToGuest: tableLayout(record.hostToGuestSignalTable),
    managedBy: record.managedBy,
  };
}

function tableLayout(table: TableRecord): TableLayout {
  return {
    slotCountLog2: table.numNodesLg2,
    slotsOffset: regionOffset(table.futexUaddrTableOffset),
    interruptOffset: regionOffset(table.interruptSignalledOffset),
  };
}

function checkSpan(where: string, record: RegionRecord, windowSizeBytes: number): void {
  const { regionBeginOffset: begin, regionEndOffset: end } = record;
  if (begin % pageBytes !== 0) refuse(`${where}, begin`, 'a page-aligned offset', hex(begin));
  if (end % pageBytes !== 0) refuse(`${where}, end`, 'a page-aligned offset', hex(end));
  if (begin < headerBytes)
    refuse(`${where}, begin`, `at least ${hex(headerBytes)}, behind the first page`, hex(begin));
  if (begin >= end) refuse(`${where}, end`, `an offset above its begin, ${hex(begin)}`, hex(end));
  if (end > windowSizeBytes)
    refuse(`${where}, end`, `at most ${hex(windowSizeBytes)}, the window's end`, hex(end));
}

interface Extent {
  readonly what: string;
  readonly begin: number;
  readonly end: number;
}

function checkTables(where: string, record: RegionRecord, sizeBytes: number): void {
  const { offsetOfRegionData: dataOffset } = record;
  if (dataOffset > sizeBytes) {
    refuse(`${where}, data`, `an offset of at most ${hex(sizeBytes)}, the region's size`, hex(dataOffset));
  }
  if (dataOffset % 4 !== 0) refuse(`${where}, data`, 'a 4-aligned offset', hex(dataOffset));
  const extents = [
    ...tableExtents(`${where}, guest_to_host`, record.guestToHostSignalTable),
    ...tableExtents(`${where}, host_to_guest`, record.hostToGuestSignalTable),
  ];
  for (const { what, begin, end } of extents) {
    if (end > sizeBytes) refuse(what, `to lie inside the region (${hex(sizeBytes)} bytes)`, span(begin, end));
    if (end > dataOffset) refuse(what, `to lie in front of the data at ${hex(dataOffset)}`, span(begin, end));
  }
  const [a, b] = firstOverlap(extents) ?? [];
  if (a === undefined || b === undefined) return;
  refuse(b.what, `no overlap with ${a.what} at ${span(a.begin, a.end)}`, span(b.begin, b.end));
}

function tableExtents(where: string, table: TableRecord): readonly [Extent, Extent] {
  const { numNodesLg2, futexUaddrTableOffset, interruptSignalledOffset } = table;
  if (numNodesLg2 > maxSlotCountLog2)
    refuse(`${where} num_nodes_lg2`, `at most ${maxSlotCountLog2}`, `${numNodesLg2}`);
  return [
    wordsAt(`${where} table`, futexUaddrTableOffset, 2 ** numNodesLg2),
    wordsAt(`${where} interrupt word`, interruptSignalledOffset, 1),
  ];
}

function wordsAt(what: string, begin: number, count: number): Extent {
  if (begin % 4 !== 0) refuse(what, 'a 4-aligned offset', hex(begin));
  const end = begin + 4 * count;
  if (end > maxU32) refuse(what, 'an end that fits 32 bits', `${span(begin, end)}, which wraps`);
  return { what, begin, end };
}

export function checkNames(regions: readonly RegionLayout[]): void {
  const indexByName = new Map<string, number>();
  for (const { index, name } of regions) {
    const other = indexByName.get(name);
    if (other !== undefined)
      refuse(`region ${index}, device_name`, `a name other than region ${other}'s`, name);
    indexByName.set(name, index);
  }
}

export function checkNoOverlap(regions: readonly RegionLayout[]): void {
  const extents = regions.map((region) => ({
    what: `region ${region.index} (${region.name})`,
    begin: region.beginOffset,
    end: region.endOffset,
  }));
  const [a, b] = firstOverlap(extents) ?? [];
  if (a === undefined || b === undefined) return;
  refuse(b.what, `no overlap with ${a.what} at ${span(a.begin, a.end)}`, span(b.begin, b.end));
}

/** Sorted by begin, an overlap shows between neighbours: empty extents do not occur. */
function firstOverlap(extents: readonly Extent[]): readonly [Extent, Extent] | undefined {
  const sorted = extents.toSorted((a, b) => a.begin - b.begin);
  for (const [i, extent] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next !== undefined && next.begin < extent.end) return [extent, next];
  }
  return undefined;
}

export function checkManagers(regions: readonly RegionLayout[]): void {
  for (const { index, name, managedBy } of regions) {
    if (managedBy === regionWhole) continue;
    const where = `region ${index} (${name}), managed_by`;
    const manager = regions[managedBy];
    if (manager === undefined)
      refuse(where, `the index of a region, less than ${regions.length}`, `${managedBy}`);
    if (manager.managedBy !== regionWhole) {
      const seen = `${managedBy} (${manager.name}), managed by ${manager.managedBy}`;
      refuse(where, 'a region that is not managed itself', seen);
    }
  }
}

function span(begin: number, end: number): string {
  return `${hex(begin)}–${hex(end)}`;
}

function refuse(where: string, expected: string, seen: string): never {
  throw new LayoutError(op, `${where}: expected ${expected}, saw ${seen}`);
}
