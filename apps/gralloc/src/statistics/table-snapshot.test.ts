/** Rows as plain values, also while somebody changes them. */
import type { Memory } from '@vsoc/struct';
import { expect, test } from 'vitest';
import { entryCount, grallocManager } from '../layout.js';
import { snapshotTable } from './table-snapshot.js';

/** `onRead` runs before each atomic access, as another process could. */
function openTableMemory(onRead: () => void = () => {}) {
  const buffer = new SharedArrayBuffer(grallocManager.data.size);
  const words = new Int32Array(buffer);
  const memory: Memory = {
    view: new DataView(buffer),
    get words() {
      onRead();
      return words;
    },
  };
  return { words, data: grallocManager.data.over(memory, 0) };
}

test('a snapshot holds what the table held, and keeps it', () => {
  const { data } = openTableMemory();
  const entry = data.entries.at(3);
  entry.owner.store(7);
  entry.generation.store(7);
  entry.beginOffset = 4096;
  entry.allocatedAtNs = 2n ** 40n;
  const { entries, atNs } = snapshotTable(data, () => 55n);
  entry.beginOffset = 8192;
  expect([entries.length, atNs]).toEqual([entryCount, 55n]);
  expect(entries[3]).toMatchObject({ owner: 7, generation: 7, beginOffset: 4096, allocatedAtNs: 2n ** 40n });
  expect(entries[4]?.owner).toBe(0);
});

test('its times are taken before the first row and behind the last, whatever happens in between', () => {
  let reads = 0;
  const { data } = openTableMemory(() => {
    reads++;
  });
  const { fromNs, atNs } = snapshotTable(data, () => BigInt(reads));
  expect([fromNs, atNs]).toEqual([0n, BigInt(reads)]);
  expect(reads).toBeGreaterThanOrEqual(2 * entryCount);
});

test('a row that changes hands while it is read is read again', () => {
  let reads = 0;
  const { words, data } = openTableMemory(() => {
    // The second look at the owner of entry 0: a successor has it.
    if (++reads === 2) words.set([2, 2, 0, 0, 0x2000]);
  });
  words.set([1, 1, 0, 0, 0x1000]);
  expect(snapshotTable(data, () => 0n).entries[0]).toMatchObject({
    owner: 2,
    generation: 2,
    beginOffset: 0x2000,
  });
});

test('a row that changes hands without end is taken for a free one', () => {
  const { words, data } = openTableMemory(() => {
    words[0] = ((words[0] ?? 0) + 1) | 0;
  });
  expect(snapshotTable(data, () => 0n).entries[0]?.owner).toBe(0);
});
