// What a snapshot of the table says about the memory: figures, and one row per buffer. Pure. A row is believed as far as
// it makes sense: any guest process can write there, and these figures are for people, not for decisions.
import { regionFree } from '@vsoc/vsoc/layout';
import { type Area, freeRuns, sizeOf } from '../areas.js';
import { shapeOfRow } from '../formats.js';
import { isAreaOf } from '../space.js';
import type { EntryValues, TableSnapshot } from './table-snapshot.js';
import { formatText, usageWords } from './text.js';

/** A row that names a buffer, in an area where one can be. */
export interface LiveRow extends EntryValues {
  readonly entry: number;
  readonly area: Area;
}

export interface BufferStatistics {
  readonly entry: number;
  readonly generation: number;
  readonly area: Area;
  readonly areaBytes: number;
  /** RGBA_8888, or the number of a format that nobody knows. */
  readonly format: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Format, sides, stride and area agree: else somebody scribbled, and only the area is believed. */
  readonly agrees: boolean;
  /** In words. */
  readonly usage: string;
  readonly clientPid: number;
  /** The process that asked for it; when it is dead, somebody else holds the buffer. */
  readonly clientAlive: boolean;
  /** Undefined when the row says a time to come. */
  readonly ageNs: bigint | undefined;
  /** Point of the acquire fence: pictures finished. */
  readonly drawn: number;
  /** Point of the release fence: pictures done with. */
  readonly lookedAt: number;
}

export interface MemoryStatistics {
  /** Where buffers can lie in gralloc_memory. */
  readonly space: Area;
  /** Sorted by area. */
  readonly buffers: readonly BufferStatistics[];
  /** Rows with an owner that name no buffer, or an area where none can be: not among the buffers. */
  readonly malformed: number;
  /** Buffers that share bytes with another one, which guest-driver never grants: somebody scribbled. */
  readonly overlapping: number;
  /** Bytes in at least one buffer. */
  readonly usedBytes: number;
  readonly freeBytes: number;
  /** Sorted, with a buffer or an end of the space on either side. */
  readonly freeRuns: readonly Area[];
  /** The lowest of equals; undefined when nothing is free. */
  readonly largestFree: Area | undefined;
  readonly largestFreeBytes: number;
  /** 1 − largest free run ÷ free bytes: the share of what is free that one large buffer cannot use. 0 when nothing is free. */
  readonly fragmentation: number;
}

export interface StatisticsOptions {
  readonly space: Area;
  readonly isAlive: (pid: number) => boolean;
}

export function statisticsOf(
  snapshot: TableSnapshot,
  { space, isAlive }: StatisticsOptions,
): MemoryStatistics {
  const { rows, malformed } = liveRows(snapshot, space);
  const runs = freeRuns(space, rows);
  const freeBytes = runs.reduce((total, run) => total + sizeOf(run), 0);
  const largestFree = runs.reduce<Area | undefined>(
    (largest, run) => (largest && sizeOf(largest) >= sizeOf(run) ? largest : run),
    undefined,
  );
  const largestFreeBytes = largestFree ? sizeOf(largestFree) : 0;
  return {
    space,
    buffers: rows.map((row) => bufferOf(row, snapshot.atNs, isAlive)),
    malformed,
    overlapping: overlappingOf(rows),
    usedBytes: sizeOf(space) - freeBytes,
    freeBytes,
    freeRuns: runs,
    largestFree,
    largestFreeBytes,
    fragmentation: freeBytes === 0 ? 0 : 1 - largestFreeBytes / freeBytes,
  };
}

/** Sorted by area. */
export function liveRows(
  { entries }: TableSnapshot,
  space: Area,
): { readonly rows: readonly LiveRow[]; readonly malformed: number } {
  const owned = [...entries.entries()].filter(([, { owner }]) => owner !== regionFree);
  const rows = owned.flatMap(([entry, values]): LiveRow[] => {
    const { owner, generation, beginOffset, endOffset } = values;
    const area = { beginOffset, endOffset };
    return owner === generation && isAreaOf(space, area) ? [{ ...values, entry, area }] : [];
  });
  rows.sort((a, b) => a.beginOffset - b.beginOffset || a.entry - b.entry);
  return { rows, malformed: owned.length - rows.length };
}

function overlappingOf(sorted: readonly Area[]): number {
  const overlapping = new Set<Area>();
  let reaching: Area | undefined;
  for (const area of sorted) {
    if (reaching && area.beginOffset < reaching.endOffset) overlapping.add(reaching).add(area);
    if (!reaching || area.endOffset > reaching.endOffset) reaching = area;
  }
  return overlapping.size;
}

function bufferOf(row: LiveRow, atNs: bigint, isAlive: (pid: number) => boolean): BufferStatistics {
  const { entry, generation, area, format, widthPx, heightPx, clientPid, allocatedAtNs } = row;
  return {
    entry,
    generation,
    area,
    areaBytes: sizeOf(area),
    format: formatText(format),
    widthPx,
    heightPx,
    agrees: shapeOfRow(row, sizeOf(area)) !== undefined,
    usage: usageWords(row.usage),
    clientPid,
    clientAlive: isAlive(clientPid),
    ageNs: allocatedAtNs <= atNs ? atNs - allocatedAtNs : undefined,
    drawn: row.acquire,
    lookedAt: row.release,
  };
}
