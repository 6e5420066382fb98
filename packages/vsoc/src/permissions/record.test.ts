// Who holds what: the driver's record decides, the owner word comes second.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pageBytes, type RegionLayout } from '../layout/index.js';
import {
  areas,
  keeper,
  openTestWindow,
  otherAreas,
  otherKeeper,
  type TestWindow,
} from '../testing/window.js';
import type { Claim } from './claim.js';
import { createPermissionRecord, type PermissionRecord } from './record.js';

let window: TestWindow;
let record: PermissionRecord;
let manager: RegionLayout;
let managed: RegionLayout;

beforeEach(() => {
  window = openTestWindow();
  record = createPermissionRecord(({ name }) => window.memory(name).words);
  manager = window.region(keeper.name);
  managed = window.region(areas.name);
});
afterEach(() => {
  window[Symbol.dispose]();
});

/** `pages` from page `first` on, guarded by owner word number `owner`. */
function claim(first: number, pages = 1, { owner = first, value = 1 } = {}): Claim {
  return {
    beginOffset: managed.dataOffset + first * pageBytes,
    endOffset: managed.dataOffset + (first + pages) * pageBytes,
    ownerOffset: manager.dataOffset + 4 * owner,
    ownedValue: value,
  };
}

const grant = (wanted: Claim) => record.grant(wanted, manager, managed);
const ownerWord = (owner: number) => window.memory(manager.name).words[(manager.dataOffset >>> 2) + owner];
const scribble = (owner: number, value: number) => {
  window.memory(manager.name).words[(manager.dataOffset >>> 2) + owner] = value;
};

test('a grant writes the owned value and is live until its release frees the word', () => {
  const permission = grant(claim(0, 2, { value: 0xffff_fffe }));
  expect([ownerWord(0), record.live.size]).toEqual([0xffff_fffe | 0, 1]);
  expect(record.release(permission)).toBe(true);
  expect([ownerWord(0), record.live.size]).toEqual([0, 0]);
});

test('an area that was released can be granted again', () => {
  record.release(grant(claim(0)));
  expect(grant(claim(0, 1, { value: 2 }))).toMatchObject({ ownedValue: 2 });
});

describe('a live permission', () => {
  beforeEach(() => {
    grant(claim(2, 2, { owner: 5 }));
  });

  test.each([1, 7])('makes a compatible claim contended, whatever its value: %i', (value) => {
    expect(() => grant(claim(2, 2, { owner: 5, value }))).toThrow(
      expect.objectContaining({ code: 'EAGAIN' }),
    );
  });

  test.each<[string, () => Claim]>([
    ['over its first page', () => claim(1, 2)],
    ['over its last page', () => claim(3, 2)],
    ['inside it', () => claim(3)],
    ['around it', () => claim(1, 4)],
    ['of the same area with another owner word', () => claim(2, 2)],
    ['elsewhere that names its owner word', () => claim(0, 1, { owner: 5 })],
    ['of a part of it that names its owner word', () => claim(2, 1, { owner: 5 })],
  ])('makes a claim busy %s', (_what, wanted) => {
    expect(() => grant(wanted())).toThrow(expect.objectContaining({ code: 'EBUSY' }));
    expect(record.live.size).toBe(1);
  });

  test.each<[string, () => Claim]>([
    ['up to its first page', () => claim(0, 2)],
    ['from its last page on', () => claim(4, 2)],
  ])('leaves the area free %s', (_what, wanted) => {
    expect(grant(wanted())).toBeDefined();
  });

  test('has no say in another manager’s regions', () => {
    const [otherManager, otherManaged] = [window.region(otherKeeper.name), window.region(otherAreas.name)];
    expect(record.grant(claim(2, 2, { owner: 5 }), otherManager, otherManaged)).toBeDefined();
  });

  test('is what a claim contends with first, before it conflicts with others', () => {
    grant(claim(4, 1, { owner: 9 }));
    // Compatible with the first one only: the second one is asked for nothing.
    expect(() => grant(claim(2, 2, { owner: 5 }))).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
    // Overlaps both.
    expect(() => grant(claim(3, 2, { owner: 1 }))).toThrow(expect.objectContaining({ code: 'EBUSY' }));
  });
});

describe('an owner word that somebody scribbled', () => {
  test('makes a claim contended when it is not FREE, and stays as it is', () => {
    scribble(0, 77);
    expect(() => grant(claim(0))).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
    expect([ownerWord(0), record.live.size]).toEqual([77, 0]);
  });

  test.each([0, 99])('never gets a live area granted twice: %i', (value) => {
    grant(claim(0));
    scribble(0, value);
    expect(() => grant(claim(0))).toThrow(expect.objectContaining({ code: 'EAGAIN' }));
    expect(() => grant(claim(0, 2, { owner: 3 }))).toThrow(expect.objectContaining({ code: 'EBUSY' }));
  });

  test.each([0, 99])('is reported at release, and reads FREE again: %i', (value) => {
    const permission = grant(claim(0));
    scribble(0, value);
    expect(record.release(permission)).toBe(false);
    expect([ownerWord(0), record.live.size]).toEqual([0, 0]);
    expect(grant(claim(0))).toBeDefined();
  });
});

test('a second release changes nothing: the word may be somebody else’s by then', () => {
  const first = grant(claim(0));
  record.release(first);
  grant(claim(0, 1, { value: 2 }));
  expect(record.release(first)).toBe(true);
  expect([ownerWord(0), record.live.size]).toEqual([2, 1]);
});

test('an illegal claim is refused before the record is asked', () => {
  grant(claim(0));
  expect(() => grant({ ...claim(0), ownedValue: 0 })).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});

test('whatever is claimed, released and scribbled, live areas never overlap nor share an owner word', () => {
  const step = fc.record({
    what: fc.constantFrom('claim', 'claim', 'claim', 'release', 'scribble'),
    first: fc.nat(7),
    pages: fc.integer({ min: 1, max: 3 }),
    owner: fc.nat(3),
    value: fc.constantFrom(0, 1, 2),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      for (const permission of record.live) record.release(permission);
      for (let owner = 0; owner < 4; owner++) scribble(owner, 0);
      for (const { what, first, pages, owner, value } of steps) {
        if (what === 'scribble') scribble(owner, value);
        if (what === 'release') for (const one of [...record.live].slice(0, 1)) record.release(one);
        if (what === 'claim') claimAgainstModel(claim(first, pages, { owner, value: value + 1 }), owner);
      }
    }),
    { numRuns: 200 },
  );

  function claimAgainstModel(wanted: Claim, owner: number): void {
    const live = [...record.live];
    const free = ownerWord(owner) === 0;
    const conflicts = live.some(
      (other) =>
        other.ownerOffset === wanted.ownerOffset ||
        (other.beginOffset < wanted.endOffset && wanted.beginOffset < other.endOffset),
    );
    const fits = wanted.endOffset <= managed.endOffset - managed.beginOffset;
    let granted = false;
    try {
      granted = record.grant(wanted, manager, managed) !== undefined;
    } catch (error) {
      expect(error).toHaveProperty('code');
    }
    expect(granted).toBe(fits && free && !conflicts);
  }
});
