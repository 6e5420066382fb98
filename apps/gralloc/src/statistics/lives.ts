// The lives of buffers over time, put together from looks at the table: nothing signals that a buffer came or went, since
// nobody but a person needs to know it. What lives shorter than the time between two looks may never be seen.
import type { Area } from '../areas.js';
import { type LiveRow, liveRows } from './statistics.js';
import type { TableSnapshot } from './table-snapshot.js';
import { formatText } from './text.js';

export interface Life {
  readonly entry: number;
  readonly generation: number;
  readonly area: Area;
  readonly format: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly clientPid: number;
  /** As its row says, as long as that lies between the look that first saw it and the one before. */
  readonly begunNs: bigint;
  /** The first look without it; undefined while it is there. */
  readonly endedNs: bigint | undefined;
  /** Points of its fences when it was last seen. */
  readonly drawn: number;
  readonly lookedAt: number;
}

export interface Recording {
  readonly begunNs: bigint;
  /** The last look. */
  readonly endedNs: bigint;
  readonly looks: number;
  /** In the order in which they were first seen. */
  readonly lives: readonly Life[];
  /** Lives beyond the limit, that were seen and not kept. */
  readonly unrecorded: number;
}

export interface Recorder {
  /** One more look, not earlier than the last. */
  look(snapshot: TableSnapshot): void;
  /** What was seen so far. */
  recording(): Recording;
}

/** Enough for a minute of a very busy allocator; keeps a long watch from growing without end. */
const defaultLimit = 4096;

export function openRecorder(space: Area, { limit = defaultLimit } = {}): Recorder {
  const lives: Life[] = [];
  /** Places in `lives` of those that go on, by entry. */
  const going = new Map<number, { readonly generation: number; readonly place: number }>();
  let looks = 0;
  let unrecorded = 0;
  let begunNs = 0n;
  let endedNs = 0n;
  /** When the last look began: what it did not see may have come from then on. */
  let unseenFromNs = 0n;

  function change(place: number, news: Partial<Life>): void {
    const life = lives[place];
    if (life) lives[place] = { ...life, ...news };
  }

  function begin(row: LiveRow, atNs: bigint): void {
    const { entry, generation } = row;
    // Beyond the limit that is a place where nothing is: such a life is followed all the same, to be counted once.
    going.set(entry, { generation, place: lives.length });
    if (lives.length < limit) lives.push(lifeOf(row, clamp(row.allocatedAtNs, unseenFromNs, atNs)));
    else unrecorded++;
  }

  return {
    look(snapshot) {
      const { atNs } = snapshot;
      if (looks > 0 && atNs < endedNs) throw new RangeError(`a look at ${atNs} after one at ${endedNs}`);
      for (const [entry, { generation, place }] of going) {
        const row = snapshot.entries[entry];
        // Whatever else was scribbled into the row: the owner word says how long a buffer lives.
        if (row?.owner === generation) {
          change(place, { drawn: row.acquire, lookedAt: row.release });
        } else {
          change(place, { endedNs: atNs });
          going.delete(entry);
        }
      }
      for (const row of liveRows(snapshot, space).rows) if (!going.has(row.entry)) begin(row, atNs);
      if (looks++ === 0) begunNs = atNs;
      endedNs = atNs;
      unseenFromNs = snapshot.fromNs;
    },
    recording: () => ({ begunNs, endedNs, looks, lives: [...lives], unrecorded }),
  };
}

function lifeOf(row: LiveRow, begunNs: bigint): Life {
  const { entry, generation, area, format, widthPx, heightPx, clientPid, acquire, release } = row;
  const shape = { format: formatText(format), widthPx, heightPx };
  return {
    entry,
    generation,
    area,
    ...shape,
    clientPid,
    begunNs,
    endedNs: undefined,
    drawn: acquire,
    lookedAt: release,
  };
}

function clamp(value: bigint, least: bigint, most: bigint): bigint {
  if (value < least) return least;
  return value > most ? most : value;
}
