// A released layout does not change unnoticed, and the two directions stay alike.
import { readFileSync } from 'node:fs';
import { regionTable } from '@vsoc/vsoc/layout';
import { expect, test } from 'vitest';
import { audioIn, audioOut } from './layout.js';

test.each([audioOut, audioIn])(
  '$name is the released one: to change it, raise its version and its golden file',
  (region) => {
    const golden = readFileSync(new URL(`../test/golden/${region.name}.md`, import.meta.url), 'utf8');
    const { current, minCompatible } = region.version;
    expect(
      `${region.name} version ${current}, compatible down to ${minCompatible}\n\n${regionTable(region)}`,
    ).toBe(golden);
  },
);

test('what is where is the same in both directions', () => {
  const places = ({ data }: typeof audioOut) =>
    data.fields.map(({ name, offset, size }) => [name, offset, size]);
  expect(places(audioIn)).toEqual(places(audioOut));
});
