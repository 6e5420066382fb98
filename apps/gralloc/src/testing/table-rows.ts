// Rows of the table as a snapshot has them, for tests of what is made of snapshots.
import { pageBytes } from '@vsoc/vsoc/layout';
import type { Area } from '../areas.js';
import { type PixelFormat, pixelFormat, shapeOf } from '../formats.js';
import { entryCount } from '../layout.js';
import type { EntryValues, TableSnapshot } from '../statistics/table-snapshot.js';
import { usage } from '../usage.js';

const free: EntryValues = {
  owner: 0,
  generation: 0,
  acquire: 0,
  release: 0,
  beginOffset: 0,
  endOffset: 0,
  format: 0,
  widthPx: 0,
  heightPx: 0,
  strideBytes: 0,
  usage: 0,
  clientPid: 0,
  allocatedAtNs: 0n,
};

/** Pages [begin, end) of the region. */
export const pagesArea = (begin: number, end: number): Area => ({
  beginOffset: begin * pageBytes,
  endOffset: end * pageBytes,
});

/** A live row of process 100: a BLOB that fills its area. */
export function liveRow(area: Area, changes: Partial<EntryValues> = {}): EntryValues {
  const bytes = Math.max(1, area.endOffset - area.beginOffset);
  const blob = pictureRow(area.beginOffset, { format: pixelFormat.blob, sidesPx: [bytes, 1] });
  return { ...blob, ...area, ...changes };
}

/** A live row of a picture that lies at `beginOffset`. */
export function pictureRow(
  beginOffset: number,
  {
    format,
    sidesPx: [widthPx, heightPx],
  }: { readonly format: PixelFormat; readonly sidesPx: readonly [number, number] },
): EntryValues {
  const { sizeBytes, strideBytes } = shapeOf(format, widthPx, heightPx);
  return {
    ...free,
    owner: 1,
    generation: 1,
    beginOffset,
    endOffset: beginOffset + Math.ceil(sizeBytes / pageBytes) * pageBytes,
    format,
    widthPx,
    heightPx,
    strideBytes,
    usage: usage.cpuWrite | usage.hostRead,
    clientPid: 100,
  };
}

/** By entry; entries that are left out are free. */
export function tableOf(
  rows: Readonly<Record<number, EntryValues>>,
  atNs = 0n,
  fromNs = atNs,
): TableSnapshot {
  return { fromNs, atNs, entries: Array.from({ length: entryCount }, (_, entry) => rows[entry] ?? free) };
}
