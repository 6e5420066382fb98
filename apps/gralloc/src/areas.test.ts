/** The allocation algorithm against a model that looks at every single byte of a small space. */
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
function gapsOf(live: readonly Area[]): Area[] {
  const gaps: { beginOffset: number; endOffset: number }[] = [];
  for (let at = space.beginOffset; at < space.endOffset; at++) {
    if (live.some(({ beginOffset, endOffset }) => at >= beginOffset && at < endOffset)) continue;
    const last = gaps.at(-1);
    if (last?.endOffset === at) last.endOffset++;
    else gaps.push({ beginOffset: at, endOffset: at + 1 });
  }
  return gaps;
}

function model(live: readonly Area[], sizeBytes: number): Placement {
  const gaps = gapsOf(live);
  const bytesOf = ({ beginOffset, endOffset }: Area) => endOffset - beginOffset;
  const fitting = gaps.filter((gap) => bytesOf(gap) >= sizeBytes);
  const smallestBytes = Math.min(...fitting.map(bytesOf));
  const chosen = fitting.find((gap) => bytesOf(gap) === smallestBytes);
  if (!chosen) return { largestFreeBytes: Math.max(0, ...gaps.map(bytesOf)) };
  const { beginOffset } = chosen;
  return { area: { beginOffset, endOffset: beginOffset + sizeBytes } };
}

test('the lowest of the smallest gaps that fit is taken, else the largest gap is told', () => {
  fc.assert(
    fc.property(disjoint, fc.integer({ min: 1, max: 36 }), (live, sizeBytes) => {
      expect(placeArea(space, live, sizeBytes)).toEqual(model(live, sizeBytes));
    }),
    { numRuns: 500 },
  );
});

test('of two equal gaps the lower one is taken, whatever the order of the live areas', () => {
  const live = [
    { beginOffset: 24, endOffset: 36 },
    { beginOffset: 12, endOffset: 20 },
  ];
  expect(placeArea(space, live, 4)).toEqual({ area: { beginOffset: 8, endOffset: 12 } });
});

test('an empty space gives its beginning, a full one has no gap', () => {
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
