// The words of a ring, where they lie, and what a ring refuses to be opened with.
import { atomicWords, emitC } from '@vsoc/struct';
import { afterAll, describe, expect, test } from 'vitest';
import { lineBytes, regionOffset, signallableWords } from '../layout/index.js';
import { openByteRingProducer } from './byte-ring.js';
import { openEnds, planRingRegion } from './testing/ends.js';
import { ringWords } from './words.js';

describe('ringWords', () => {
  test.each(['guest', 'host'] as const)('each cursor of a ring from the %s has a line alone', (producer) => {
    const offsets = Object.fromEntries(
      atomicWords(ringWords(producer)).map(({ path, offset }) => [path, offset]),
    );
    expect(offsets).toMatchObject({ writeCursor: lineBytes, readCursor: 2 * lineBytes });
    const others = Object.entries(offsets).filter(
      ([path]) => !path.endsWith('Cursor') || path === 'startCursor',
    );
    expect(others.map(([, offset]) => offset)).toEqual([0, 4, 8, 12]);
    expect(ringWords(producer).size).toBe(3 * lineBytes);
  });

  test('the planner counts one word for each side', () => {
    const words = signallableWords(planRingRegion(6).definition);
    expect(words.map(({ path, signalledBy }) => [path, signalledBy])).toEqual([
      ['ring.dataWanted', 'guest'],
      ['ring.spaceWanted', 'host'],
    ]);
  });

  test('the two directions go into one C header', () => {
    const source = emitC([ringWords('guest'), ringWords('host')], { guard: 'RINGS_H', intro: 'Rings.' });
    expect(source.match(/^struct \w+/gm)).toEqual(['struct ring_from_guest', 'struct ring_from_host']);
  });
});

describe('a ring is refused', () => {
  const ends = openEnds(6);
  afterAll(() => ends[Symbol.dispose]());
  const { region, options } = ends.guest;
  const { place } = options;

  test.each([
    [{ place: { ...place, sizeBytes: 63 } }, /EINVAL: openRing: capacity: .*from 16 to .*, saw 63/],
    [{ place: { ...place, sizeBytes: 8 } }, /capacity: .*saw 8/],
    [{ place: { ...place, sizeBytes: 2 ** 31 } }, /capacity: .*saw 2147483648/],
    [{ granuleBytes: 3 }, /EINVAL: openRing: granule: .*saw 3/],
    [{ granuleBytes: 128 }, /granule: .*at most 64.*saw 128/],
    [{ recheckMs: 0 }, /EINVAL: openRing: recheckMs: .*saw 0/],
    [{ place: { ...place, offset: regionOffset(2 ** 30) } }, /ERANGE: bytes: 0x40000000/],
  ])('%o', (wrong, message) => {
    expect(() => openByteRingProducer(region, { ...options, ...wrong })).toThrow(message);
  });
});
