/**
 * Random windows: whatever is declared, the plan validates; whatever is scribbled into the first page, the validator
 * refuses or what it accepts keeps every rule, checked here by other code than the validator's own.
 */
import { array, atomicU32, bytes, type Field, type Signaller, struct, u8 } from '@vsoc/struct';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  defineRegion,
  formatWindow,
  LayoutError,
  layoutFromJson,
  layoutToJson,
  pageBytes,
  parseWindow,
  planWindow,
  type RegionDefinition,
  type RegionLayout,
  signallableWords,
  tailOf,
  vsocDeviceRegion,
  type WindowLayout,
} from './index.js';

const doc = 'x';

interface Shape {
  readonly plainBytes: number;
  readonly words: readonly (readonly [Signaller, number])[];
  readonly tailBytes: number | undefined;
  readonly manager: number;
}

const shape: fc.Arbitrary<Shape> = fc.record({
  plainBytes: fc.integer({ min: 0, max: 5000 }),
  words: fc.array(
    fc.tuple(fc.constantFrom<Signaller>('guest', 'host', 'both'), fc.integer({ min: 1, max: 60 })),
    {
      maxLength: 4,
    },
  ),
  tailBytes: fc.option(fc.integer({ min: 0, max: 200_000 }), { nil: undefined }),
  manager: fc.nat({ max: 100 }),
});

const definitions = fc.array(shape, { minLength: 1, maxLength: 20 }).map((shapes) => {
  // Odd regions may be managed by even ones other than 0.
  const managers = shapes.map((_, i) => i).filter((i) => i > 0 && i % 2 === 0);
  return shapes.map((one, i) =>
    define(one, i, i % 2 === 1 ? managers[one.manager % (2 * managers.length)] : undefined),
  );
});

function define(
  { plainBytes, words, tailBytes }: Shape,
  index: number,
  manager: number | undefined,
): RegionDefinition {
  const fields: Record<string, Field> = {};
  for (const [i, [signalledBy, count]] of words.entries()) {
    fields[`words${i}`] = array(atomicU32({ doc, signalledBy }), count, { doc });
  }
  const rounded = Math.ceil(plainBytes / 4) * 4;
  if (rounded > 0) fields.plain = array(u8({ doc }), rounded, { doc });
  return defineRegion({
    name: `region_${index}`,
    version: { current: index, minCompatible: Math.floor(index / 2) },
    doc,
    data: struct(`data_${index}`, doc, fields),
    ...(manager === undefined ? {} : { managedBy: `region_${manager}` }),
    ...(tailBytes === undefined ? {} : { tail: bytes('tail', { sizeBytes: tailBytes, doc }) }),
  });
}

function formatted(layout: WindowLayout): Uint8Array {
  const page0 = new Uint8Array(pageBytes);
  formatWindow(layout, page0);
  return page0;
}

test('every plan validates, keeps the rules and comes back equal, from the page and from JSON', () => {
  fc.assert(
    fc.property(definitions, (declared) => {
      const layout = planWindow(declared);
      expect(parseWindow(formatted(layout), layout.sizeBytes)).toEqual(layout);
      expect(layoutFromJson(layoutToJson(layout))).toEqual(layout);
      expect(brokenRules(layout)).toEqual([]);
      for (const [i, definition] of declared.entries()) checkRoom(definition, layout.regions[i]);
    }),
    { numRuns: 100 },
  );
});

function checkRoom(definition: RegionDefinition, region: RegionLayout | undefined): void {
  if (region === undefined) throw new Error('a region is missing');
  const length = region.endOffset - region.beginOffset;
  expect(length - region.dataOffset).toBeGreaterThanOrEqual(definition.minimumBytes);
  const words = signallableWords(definition, region);
  for (const { offset } of words) {
    expect(offset % 4).toBe(0);
    expect(offset).toBeLessThan(length);
  }
  const count = (side: 'guest' | 'host') =>
    words.filter(({ signalledBy: by }) => by === side || by === 'both').length;
  expect(2 ** region.guestToHost.slotCountLog2).toBeGreaterThanOrEqual(Math.max(16, 4 * count('guest')));
  expect(2 ** region.hostToGuest.slotCountLog2).toBeGreaterThanOrEqual(Math.max(16, 4 * count('host')));
  if (definition.tail !== undefined) expect(tailOf(definition, region).offset % 128).toBe(0);
}

test('a scribbled first page is refused, or what is accepted keeps the rules', () => {
  const outcomes = { refused: 0, accepted: 0 };
  fc.assert(
    fc.property(definitions, fc.array(scribble, { minLength: 1, maxLength: 4 }), (declared, scribbles) => {
      const layout = planWindow(declared);
      const page0 = formatted(layout);
      const usedBytes = 16 + layout.regions.length * vsocDeviceRegion.size;
      for (const scribbleOn of scribbles) scribbleOn(page0, usedBytes);
      const seen = parsedOrUndefined(page0, layout.sizeBytes);
      outcomes[seen === undefined ? 'refused' : 'accepted']++;
      if (seen !== undefined) expect(brokenRules(seen)).toEqual([]);
    }),
    { numRuns: 1000 },
  );
  expect(Math.min(outcomes.refused, outcomes.accepted)).toBeGreaterThan(25);
});

type Scribble = (page0: Uint8Array, usedBytes: number) => void;

const tellingValues = fc.oneof(
  fc.constantFrom(0, 1, 4, 16, 17, 31, 32, 0x80, 0xffc, 0x1000, 0x2000, 0x10000, 0x7fffffff, 0x80000000),
  fc.constantFrom(0xfffff000, 0xfffffffc, 0xffffffff),
  fc.nat({ max: 64 }).map((pages) => pages * pageBytes),
  fc.nat({ max: 2048 }).map((words) => words * 4),
);

const scribble: fc.Arbitrary<Scribble> = fc.oneof(
  fc.tuple(fc.nat(), tellingValues).map(([at, value]): Scribble => {
    return (page0, usedBytes) => {
      new DataView(page0.buffer).setUint32(4 * (at % (usedBytes / 4)), value, true);
    };
  }),
  fc.tuple(fc.nat(), fc.nat({ max: 7 })).map(([at, bit]): Scribble => {
    return (page0, usedBytes) => {
      const index = at % usedBytes;
      page0[index] = (page0[index] ?? 0) ^ (1 << bit);
    };
  }),
);

function parsedOrUndefined(page0: Uint8Array, sizeBytes: number): WindowLayout | undefined {
  try {
    return parseWindow(page0, sizeBytes);
  } catch (error) {
    expect(error).toBeInstanceOf(LayoutError);
    return undefined;
  }
}

/** The rules once more, as plainly as they can be said: pages and words are marked as taken, one by one. */
function brokenRules(layout: WindowLayout): readonly string[] {
  const broken: string[] = [];
  const expectThat = (rule: string, holds: boolean) => {
    if (!holds) broken.push(rule);
  };
  const { sizeBytes, regions } = layout;
  const pages = new Set([0]);
  expectThat(
    'size',
    [...Array(16)].some((_, i) => sizeBytes === 65_536 * 2 ** i),
  );
  expectThat('count', regions.length >= 1 && regions.length <= 68);
  expectThat('names', new Set(regions.map(({ name }) => name)).size === regions.length);
  for (const [index, region] of regions.entries()) {
    expectThat('index', region.index === index);
    expectThat('name', /^[a-z0-9_]{1,15}$/.test(region.name));
    expectThat('versions', region.minCompatibleVersion <= region.currentVersion);
    expectThat('bounds', region.beginOffset < region.endOffset && region.endOffset <= sizeBytes);
    expectThat('pages', region.beginOffset % pageBytes === 0 && region.endOffset % pageBytes === 0);
    for (let page = region.beginOffset / pageBytes; page < region.endOffset / pageBytes; page++) {
      expectThat('overlap', !pages.has(page));
      pages.add(page);
    }
    expectThat('managed', region.managedBy === 0 || regions[region.managedBy]?.managedBy === 0);
    expectThat('data', region.dataOffset <= region.endOffset - region.beginOffset);
    const words = new Set<number>();
    for (const { slotCountLog2, slotsOffset, interruptOffset } of [region.guestToHost, region.hostToGuest]) {
      const slots = Array.from({ length: 2 ** slotCountLog2 }, (_, i) => slotsOffset + 4 * i);
      for (const word of [interruptOffset, ...slots]) {
        expectThat('word', word % 4 === 0 && word + 4 <= region.dataOffset && !words.has(word));
        words.add(word);
      }
    }
  }
  return broken;
}
