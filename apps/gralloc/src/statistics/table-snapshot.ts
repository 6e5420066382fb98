// The table of buffers as plain values, for who only looks at it. Any guest process can write there at any moment, so each
// word is copied once, and what is judged later is the copy.
import type { Values, View } from '@vsoc/struct';
import { regionFree } from '@vsoc/vsoc/layout';
import { grallocEntry } from '../layout.js';
import type { ManagerData } from '../table.js';

/** One row at one moment; what it says is not checked. */
export type EntryValues = Values<typeof grallocEntry>;

export interface TableSnapshot {
  /** CLOCK_MONOTONIC of this side before its first row was read, and after its last: this process may rest in between. */
  readonly fromNs: bigint;
  readonly atNs: bigint;
  /** By entry. */
  readonly entries: readonly EntryValues[];
}

/** Looks at a row whose owner changes meanwhile; a row that changes each time is taken for a free one. */
const attempts = 3;

export function snapshotTable(data: ManagerData, nowNs: () => bigint): TableSnapshot {
  const fromNs = nowNs();
  const entries = [...data.entries].map(readRow);
  return { fromNs, atNs: nowNs(), entries };
}

/**
 * The allocator rewrites a row once a tenant's generation stands in the owner word, and the row's own generation last: the
 * same owner before and after is one tenant, whose row is written when both agree.
 */
function readRow(entry: View<typeof grallocEntry>): EntryValues {
  let values: EntryValues;
  let attempt = 0;
  do {
    const owner = entry.owner.load();
    values = { ...grallocEntry.snapshot(entry), owner };
    if (entry.owner.load() === owner) return values;
  } while (++attempt < attempts);
  return { ...values, owner: regionFree };
}
