/** The figures against a model that looks at each page by itself, and rows that somebody scribbled into. */
import { pageBytes } from '@vsoc/vsoc/layout';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pixelFormat } from '../formats.js';
import { entryCount } from '../layout.js';
import { liveRow, pagesArea, pictureRow, tableOf } from '../testing/table-rows.js';
import { statisticsOf } from './statistics.js';
import type { EntryValues } from './table-snapshot.js';
import { bytesText, durationText, sidesText, usageWords } from './text.js';

const pageCount = 40;
/** Behind a page of signal tables. */
const space = pagesArea(1, 1 + pageCount);
const everybodyLives = { space, isAlive: () => true };

/** Pages that begin in the space and end there, or not: other areas are malformed. */
const anyPages = fc.tuple(fc.integer({ min: 0, max: 45 }), fc.integer({ min: 0, max: 45 }));
const inside = ([begin, end]: readonly [number, number]) => begin >= 1 && begin < end && end <= 1 + pageCount;

/** Page by page: which of them lie in an area. */
function model(areas: readonly (readonly [number, number])[]) {
  const used = Array.from({ length: pageCount }, (_, index) =>
    areas.some(([begin, end]) => index + 1 >= begin && index + 1 < end),
  );
  let largest = 0;
  let run = 0;
  for (const isUsed of used) {
    run = isUsed ? 0 : run + 1;
    largest = Math.max(largest, run);
  }
  const freePages = used.filter((isUsed) => !isUsed).length;
  return {
    usedBytes: (pageCount - freePages) * pageBytes,
    freeBytes: freePages * pageBytes,
    largestFreeBytes: largest * pageBytes,
    fragmentation: freePages === 0 ? 0 : 1 - largest / freePages,
  };
}

test('used, free, largest run and fragmentation are those that one sees looking at every page', () => {
  fc.assert(
    fc.property(fc.array(anyPages, { maxLength: 12 }), (areas) => {
      const rows = tableOf(areas.map(([begin, end]) => liveRow(pagesArea(begin, end))));
      const seen = statisticsOf(rows, everybodyLives);
      const sound = areas.filter(inside);
      expect(seen).toMatchObject(model(sound));
      expect(seen.buffers).toHaveLength(sound.length);
      expect(seen.malformed).toBe(areas.length - sound.length);
      const freeBytes = seen.freeRuns.map(({ beginOffset, endOffset }) => endOffset - beginOffset);
      expect(freeBytes.reduce((total, bytes) => total + bytes, 0)).toBe(seen.freeBytes);
      expect(Math.max(0, ...freeBytes)).toBe(seen.largestFreeBytes);
    }),
  );
});

test('buffers overlap exactly where two areas share a page', () => {
  fc.assert(
    fc.property(fc.array(anyPages.filter(inside), { maxLength: 8 }), (areas) => {
      const rows = tableOf(areas.map(([begin, end]) => liveRow(pagesArea(begin, end))));
      const shares = areas.filter(([begin, end], one) =>
        areas.some(([other, otherEnd], index) => index !== one && begin < otherEnd && other < end),
      );
      expect(statisticsOf(rows, everybodyLives).overlapping).toBe(shares.length);
    }),
  );
});

test('an empty memory is one free run, a full one has none and is not fragmented', () => {
  expect(statisticsOf(tableOf({}), everybodyLives)).toMatchObject({
    buffers: [],
    usedBytes: 0,
    freeRuns: [space],
    largestFree: space,
    fragmentation: 0,
  });
  expect(statisticsOf(tableOf({ 3: liveRow(space) }), everybodyLives)).toMatchObject({
    freeBytes: 0,
    freeRuns: [],
    largestFree: undefined,
    largestFreeBytes: 0,
    fragmentation: 0,
  });
});

test('a buffer is told with its format, its sides, its usage, who asked and how far its fences are', () => {
  const row = {
    ...pictureRow(4096 * 5, { format: pixelFormat.yv12, sidesPx: [64, 32] }),
    owner: 9,
    generation: 9,
    acquire: 7,
    release: 6,
    clientPid: 4711,
    allocatedAtNs: 1_000n,
  };
  const { buffers } = statisticsOf(tableOf({ 2: row }, 5_000n), { space, isAlive: (pid) => pid !== 4711 });
  expect(buffers).toEqual([
    {
      entry: 2,
      generation: 9,
      area: pagesArea(5, 6),
      areaBytes: 4096,
      format: 'YV12',
      widthPx: 64,
      heightPx: 32,
      agrees: true,
      usage: 'cpu write, host read',
      clientPid: 4711,
      clientAlive: false,
      ageNs: 4_000n,
      drawn: 7,
      lookedAt: 6,
    },
  ]);
});

test('buffers come sorted by area, whatever their entries', () => {
  const rows = { 0: liveRow(pagesArea(9, 10)), 5: liveRow(pagesArea(2, 4)), 90: liveRow(pagesArea(4, 9)) };
  const { buffers } = statisticsOf(tableOf(rows), everybodyLives);
  expect(buffers.map(({ entry }) => entry)).toEqual([5, 90, 0]);
});

describe('what somebody scribbled', () => {
  const sound = liveRow(pagesArea(3, 5));
  test.each<[string, Partial<EntryValues>]>([
    ['an owner that is not the generation', { owner: 2 }],
    ['an area before the space', { beginOffset: 0 }],
    ['an area beyond the space', { endOffset: 42 * 4096 }],
    ['an area without bytes', { endOffset: sound.beginOffset }],
    ['an area that ends before it begins', { beginOffset: 0xffff_f000 }],
    ['an area that is not of whole pages', { endOffset: sound.endOffset + 1 }],
  ])('%s makes a row malformed', (_, changes) => {
    const seen = statisticsOf(tableOf({ 7: { ...sound, ...changes } }), everybodyLives);
    expect(seen).toMatchObject({ buffers: [], malformed: 1, usedBytes: 0 });
  });

  test('a shape that does not agree leaves the area believed', () => {
    const seen = statisticsOf(tableOf({ 7: { ...sound, format: 99, widthPx: 0 } }), everybodyLives);
    expect(seen).toMatchObject({ malformed: 0, usedBytes: 2 * 4096 });
    expect(seen.buffers).toMatchObject([{ agrees: false, format: 'format 99' }]);
  });

  test('a time to come is no age', () => {
    const seen = statisticsOf(
      tableOf({ 7: { ...sound, allocatedAtNs: 2n ** 64n - 1n } }, 5n),
      everybodyLives,
    );
    expect(seen.buffers).toMatchObject([{ ageNs: undefined }]);
  });

  test('whatever all words are, the figures add up', () => {
    const word = fc.oneof(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.constantFrom(0, 1, 4096, 8192, 163_840),
    );
    const row = fc.record({
      owner: word,
      generation: word,
      beginOffset: word,
      endOffset: word,
      format: word,
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: entryCount }), (rows) => {
        const table = tableOf(rows.map((changes) => ({ ...sound, ...changes })));
        const seen = statisticsOf(table, everybodyLives);
        expect(seen.usedBytes + seen.freeBytes).toBe(pageCount * 4096);
        expect(seen.buffers.length + seen.malformed).toBe(rows.filter(({ owner }) => owner !== 0).length);
      }),
    );
  });
});

test('figures are written as people read them', () => {
  expect([0, 1023, 4096, 1_500_000, 2 ** 31].map(bytesText)).toEqual([
    '0 B',
    '1023 B',
    '4 KiB',
    '1.4 MiB',
    '2 GiB',
  ]);
  const durations = [5_000_000n, 1_240_000_000n, 180_000_000_000n, 3_720_000_000_000n];
  expect(durations.map(durationText)).toEqual(['5 ms', '1.2 s', '3 min', '1 h 2 min']);
  expect([0, 0x833, 0x2_0003, 0x104].map(usageWords)).toEqual([
    'none',
    'cpu read, cpu write, host read',
    'cpu read, host write',
    '0x104',
  ]);
  expect(sidesText({ format: 'BLOB', widthPx: 8192, heightPx: 1 })).toBe('8 KiB');
  expect(sidesText({ format: 'RGBA_8888', widthPx: 64, heightPx: 16 })).toBe('64×16');
});
