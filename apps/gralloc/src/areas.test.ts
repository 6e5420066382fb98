/**
 * The allocation algorithm against two models: one looks at every single byte of a small space, the other keeps a map of
 * the pages of a real one through long traces of allocating and freeing.
 */
import { seededRandom } from '@vsoc/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Area, type Placement, placeArea } from './areas.js';

const space: Area = { beginOffset: 8, endOffset: 40 };

/** Disjoint areas inside the space, in any order: every second stretch between cuts. */
const disjoint = fc
  .uniqueArray(fc.integer({ min: space.beginOffset, max: space.endOffset }), { maxLength: 12 })
  .map((cuts) => {
    const sorted = cuts.toSorted((a, b) => a - b);
    return sorted.flatMap((beginOffset, i) => {
      const endOffset = sorted[i + 1];
      return i % 2 === 0 && endOffset !== undefined ? [{ beginOffset, endOffset }] : [];
    });
  })
  .chain((areas) => fc.shuffledSubarray(areas, { minLength: areas.length }));

/** Runs of free bytes, found one byte at a time. */
function runsOf(live: readonly Area[]): Area[] {
  const runs: { beginOffset: number; endOffset: number }[] = [];
  for (let at = space.beginOffset; at < space.endOffset; at++) {
    if (live.some(({ beginOffset, endOffset }) => at >= beginOffset && at < endOffset)) continue;
    const last = runs.at(-1);
    if (last?.endOffset === at) last.endOffset++;
    else runs.push({ beginOffset: at, endOffset: at + 1 });
  }
  return runs;
}

function model(live: readonly Area[], sizeBytes: number): Placement {
  const runs = runsOf(live);
  const bytesOf = ({ beginOffset, endOffset }: Area) => endOffset - beginOffset;
  const fitting = runs.filter((run) => bytesOf(run) >= sizeBytes);
  const smallestBytes = Math.min(...fitting.map(bytesOf));
  const chosen = fitting.find((run) => bytesOf(run) === smallestBytes);
  if (!chosen) return { largestFreeBytes: Math.max(0, ...runs.map(bytesOf)) };
  const { beginOffset } = chosen;
  return { area: { beginOffset, endOffset: beginOffset + sizeBytes } };
}

test('the lowest of the smallest free runs that fit is taken, else the largest free run is told', () => {
  fc.assert(
    fc.property(disjoint, fc.integer({ min: 1, max: 36 }), (live, sizeBytes) => {
      expect(placeArea(space, live, sizeBytes)).toEqual(model(live, sizeBytes));
    }),
    { numRuns: 500 },
  );
});

test('of two equal runs the lower one is taken, whatever the order of the live areas', () => {
  const live = [
    { beginOffset: 24, endOffset: 36 },
    { beginOffset: 12, endOffset: 20 },
  ];
  expect(placeArea(space, live, 4)).toEqual({ area: { beginOffset: 8, endOffset: 12 } });
});

test('an empty space gives its beginning, a full one has no free run', () => {
  expect(placeArea(space, [], 32)).toEqual({ area: space });
  expect(placeArea(space, [space], 1)).toEqual({ largestFreeBytes: 0 });
  expect(placeArea(space, [], 33)).toEqual({ largestFreeBytes: 32 });
});

test('whatever shared memory says is live, an area lies inside the space and on none of them', () => {
  const offset = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 0xffff_ffff }));
  const hostile = fc.array(fc.record({ beginOffset: offset, endOffset: offset }), { maxLength: 8 });
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 36 }), (live, sizeBytes) => {
      const placed = placeArea(space, live, sizeBytes);
      if (!('area' in placed)) {
        expect(placed.largestFreeBytes).toBeLessThan(sizeBytes);
        return;
      }
      const { beginOffset, endOffset } = placed.area;
      expect(endOffset - beginOffset).toBe(sizeBytes);
      expect(beginOffset).toBeGreaterThanOrEqual(space.beginOffset);
      expect(endOffset).toBeLessThanOrEqual(space.endOffset);
      const real = live.filter((area) => area.beginOffset < area.endOffset);
      expect(real.some((area) => area.beginOffset < endOffset && beginOffset < area.endOffset)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

const pageBytes = 4096;
const traceCount = 1000;
const stepCount = 300;
const largestPages = 1024;

/** A byte a page, 0 where it is free: best fit by walking all of it. */
function openPageMap(pageCount: number) {
  const map = new Uint8Array(pageCount);

  function* freeRuns(): Generator<{ begin: number; pages: number }> {
    for (let begin = map.indexOf(0); begin >= 0; ) {
      const found = map.indexOf(1, begin);
      const end = found < 0 ? pageCount : found;
      yield { begin, pages: end - begin };
      begin = map.indexOf(0, end);
    }
  }

  return {
    freeRuns,
    largest: () => Math.max(0, ...[...freeRuns()].map(({ pages }) => pages)),
    /** The first page of the run with the fewest pages to spare; undefined where none has enough. */
    bestFit(wanted: number): number | undefined {
      const fitting = [...freeRuns()].filter(({ pages }) => pages >= wanted);
      return fitting.toSorted((a, b) => a.pages - b.pages || a.begin - b.begin)[0]?.begin;
    },
    /** False when one of the pages was so already. */
    mark(begin: number, end: number, value: 0 | 1): boolean {
      const pages = map.subarray(begin, end);
      const wasOther = pages.length === end - begin && pages.indexOf(value) < 0;
      pages.fill(value);
      return wasOther;
    },
  };
}

test(`${traceCount} traces of mixed sizes: no overlap, no worse than a map of pages, and all is one again`, () => {
  const random = seededRandom('areas: traces');
  /** Mostly small, now and then up to 4 MiB: each power of two as often as its neighbours. */
  const somePages = () => Math.floor(largestPages ** random.next());
  const seen = { placed: 0, exhausted: 0, freed: 0 };

  for (let trace = 0; trace < traceCount; trace++) {
    const pageCount = random.pick([16_384, 4096, 1024]);
    const space = { beginOffset: pageBytes, endOffset: (1 + pageCount) * pageBytes };
    const map = openPageMap(pageCount);
    const live: Area[] = [];
    let step = 0;
    const check = (holds: boolean, what: string) => {
      if (!holds) throw new Error(`VSOC_SEED=${random.seed}, trace ${trace}, step ${step}: ${what}`);
    };
    const mark = ({ beginOffset, endOffset }: Area, value: 0 | 1) =>
      map.mark(beginOffset / pageBytes - 1, endOffset / pageBytes - 1, value);

    function allocate(pages: number): void {
      const expected = map.bestFit(pages);
      const placed = placeArea(space, live, pages * pageBytes);
      if (!('area' in placed)) {
        check(expected === undefined, `refused ${pages} pages, the map has a place at ${expected}`);
        check(placed.largestFreeBytes === map.largest() * pageBytes, 'not the largest free run was told');
        seen.exhausted++;
        return;
      }
      const { area } = placed;
      check(area.beginOffset / pageBytes - 1 === expected, `placed at ${area.beginOffset}, not ${expected}`);
      check(area.endOffset - area.beginOffset === pages * pageBytes, 'another size was placed');
      check(mark(area, 1), 'an area lies on another one, or outside');
      live.push(area);
      seen.placed++;
    }
    function free(): void {
      const [area] = live.splice(random.below(live.length), 1);
      check(area !== undefined && mark(area, 0), 'what was freed was not taken');
      seen.freed++;
    }

    for (; step < stepCount; step++) {
      if (live.length > 0 && random.below(5) < 2) free();
      else allocate(somePages());
      if (step % 8 > 0) continue;
      // One more than the largest free run fits nowhere: so the largest free run is told at any time.
      const placed = placeArea(space, live, (1 + map.largest()) * pageBytes);
      const largestFreeBytes = 'area' in placed ? Number.NaN : placed.largestFreeBytes;
      check(
        largestFreeBytes === map.largest() * pageBytes,
        `the largest free run has ${largestFreeBytes} bytes`,
      );
    }
    while (live.length > 0) free();
    check([...map.freeRuns()].length === 1, 'freed, but not one run');
    check('area' in placeArea(space, live, pageCount * pageBytes), 'freed, but not whole');
  }
  expect(seen.exhausted).toBeGreaterThan(traceCount);
  expect(seen.freed).toBe(seen.placed);
});
