// Proof that a SYNC POINT with one end missing, or without its row, is refused.
import { expect, test } from 'vitest';
import { checkSyncPoints } from './sync-points.mjs';

const check = (files) => checkSyncPoints(new Map(Object.entries(files)));
const row = '| `beat-published` | guest | host | beats |\n';
const release = '// SYNC POINT beat-published (release side). Pairs with host.ts.\n';
const acquire = '// SYNC POINT beat-published (acquire side).\n';

test('both ends and a row are accepted', () => {
  const files = {
    'apps/a/src/guest.ts': release,
    'apps/a/src/host.ts': acquire,
    'docs/memory-model.md': row,
  };
  expect(check(files)).toEqual([]);
});

test('a lone end is refused', () => {
  expect(check({ 'apps/a/src/guest.ts': release, 'docs/memory-model.md': row })).toEqual([
    'SYNC POINT beat-published: no acquire side (seen in apps/a/src/guest.ts)',
    'SYNC POINT beat-published: one end only, in apps/a/src/guest.ts',
  ]);
});

test('a pair without its row is refused', () => {
  const problems = check({ 'apps/a/src/guest.ts': release + acquire, 'docs/memory-model.md': '' });
  expect(problems).toEqual(['SYNC POINT beat-published: no row in docs/memory-model.md']);
});

test('a row without its comments is refused', () => {
  expect(check({ 'docs/memory-model.md': row })).toHaveLength(1);
});

test('an end that does not say which side it is, is refused', () => {
  const files = {
    'apps/a/src/a.ts': `${release}${acquire}// SYNC POINT beat-published.\n`,
    'docs/memory-model.md': row,
  };
  expect(check(files)).toHaveLength(1);
});

test('a comment broken over two lines is read', () => {
  const broken = '// SYNC POINT beat-published (acquire\n  // side)\n';
  expect(check({ 'apps/a/src/guest.ts': release + broken, 'docs/memory-model.md': row })).toEqual([]);
});
