/** Who understands whom. */
import { expect, test } from 'vitest';
import { checkVersion, VersionError } from './index.js';

const half = (current: number, minCompatible: number) => ({ version: { current, minCompatible } });
const region = (currentVersion: number, minCompatibleVersion: number) => ({
  index: 3,
  name: 'audio_out',
  currentVersion,
  minCompatibleVersion,
});

test.each([
  [half(1, 1), region(1, 1)],
  [half(2, 1), region(1, 1)],
  [half(1, 1), region(2, 1)],
  [half(5, 2), region(3, 1)],
])('a half of %j accepts %j', (definition, found) => {
  expect(() => checkVersion(definition, found)).not.toThrow();
});

test('a region that asks for more than the half knows is refused', () => {
  const check = () => checkVersion(half(1, 1), region(3, 2));
  expect(check).toThrow(VersionError);
  expect(check).toThrow(
    'region 3 (audio_out): expected a region that version 1 understands, saw one that asks for at least 2',
  );
});

test('a region too old for the half is refused', () => {
  expect(() => checkVersion(half(3, 2), region(1, 1))).toThrow(
    'region 3 (audio_out): expected at least version 2, saw 1',
  );
});
