// The errors of a claim that follow from the claim alone. Each rule is refused by itself, and before every later one.
import { describe, expect, test } from 'vitest';
import { findRegion, pageBytes, planWindow, regionBytes } from '../layout/index.js';
import { areas, keeper, testRegions } from '../testing/window.js';
import { type Claim, checkClaim } from './claim.js';

const layout = planWindow(testRegions);
const manager = findRegion(layout, keeper.name);
const managed = findRegion(layout, areas.name);
const end = regionBytes(managed);
const ownersEnd = regionBytes(manager);

const legal: Claim = {
  beginOffset: managed.dataOffset,
  endOffset: managed.dataOffset + pageBytes,
  ownerOffset: manager.dataOffset,
  ownedValue: 1,
};

const check = (claim: Partial<Claim>) => checkClaim({ ...legal, ...claim }, manager, managed);

function refusal(claim: Partial<Claim>): unknown {
  try {
    check(claim);
  } catch (error) {
    return error;
  }
  return undefined;
}

test('the page where the data begin is legal, with any value but FREE', () => {
  for (const ownedValue of [1, 0x8000_0000, 0xffff_ffff]) expect(refusal({ ownedValue })).toBeUndefined();
});

test('the last page, all pages, and the last owner word are legal', () => {
  expect(refusal({ beginOffset: end - pageBytes, endOffset: end })).toBeUndefined();
  expect(refusal({ endOffset: end })).toBeUndefined();
  expect(refusal({ ownerOffset: ownersEnd - 4 })).toBeUndefined();
});

describe('each rule refuses with its own code and says what it saw', () => {
  const beforeData = managed.dataOffset - pageBytes;
  test.each<[string, Partial<Claim>, string, string]>([
    ['an empty area', { endOffset: legal.beginOffset }, 'EINVAL', 'begin must lie before end'],
    ['a begin behind the end', { beginOffset: end, endOffset: end - pageBytes }, 'EINVAL', 'begin must lie'],
    ['an end a page past the region', { endOffset: end + pageBytes }, 'ERANGE', 'ends past'],
    ['the largest end', { endOffset: 0xffff_ffff }, 'ERANGE', 'ends past'],
    ['a begin before the data', { beginOffset: beforeData }, 'ERANGE', 'begins before its data'],
    ['a begin at 0', { beginOffset: 0 }, 'ERANGE', 'begins before its data'],
    ['a begin within a page', { beginOffset: legal.beginOffset + 4 }, 'EINVAL', 'not on pages'],
    ['an end within a page', { endOffset: legal.endOffset - 4 }, 'EINVAL', 'not on pages'],
    ['an owner word that is not aligned', { ownerOffset: legal.ownerOffset + 2 }, 'EINVAL', 'not 4-aligned'],
    ['an owner word at the end', { ownerOffset: ownersEnd }, 'ERANGE', 'ends past'],
    ['the last owner offset of 32 bits', { ownerOffset: 0xffff_fffc }, 'ERANGE', 'ends past'],
    ['an owner word before the data', { ownerOffset: manager.dataOffset - 4 }, 'EINVAL', 'before its data'],
    ['FREE as the value', { ownedValue: 0 }, 'EINVAL', 'owned_value'],
  ])('%s', (_what, claim, code, text) => {
    expect(refusal(claim)).toMatchObject({
      code,
      op: 'VSOC_CREATE_FD_SCOPED_PERMISSION',
      message: expect.stringContaining(text),
    });
  });
});

describe('of two rules broken at once the earlier one is reported', () => {
  // In the order of checking; each pair of neighbours is broken by one claim.
  test.each<[string, Partial<Claim>]>([
    ['begin must lie before end', { beginOffset: end + 2 * pageBytes, endOffset: end + pageBytes }],
    ['ends past the region', { beginOffset: 0, endOffset: end + pageBytes }],
    ['begins before its data', { beginOffset: 4 }],
    ['not on pages', { endOffset: legal.endOffset - 1, ownerOffset: manager.dataOffset + 1 }],
    ['not 4-aligned', { ownerOffset: 0xffff_ffff }],
    // Past the region and before its data cannot both hold; the next rule that can is the value's.
    ['ends past the region', { ownerOffset: ownersEnd, ownedValue: 0 }],
    ['before its data', { ownerOffset: 0, ownedValue: 0 }],
    ['begin must lie before end', { beginOffset: 7, endOffset: 5, ownerOffset: 1, ownedValue: 0 }],
  ])('%s', (text, claim) => {
    expect(refusal(claim)).toMatchObject({ message: expect.stringContaining(text) });
  });
});
