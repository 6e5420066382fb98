// A released layout does not change unnoticed.
import { readFileSync } from 'node:fs';
import { regionTable } from '@vsoc/vsoc/layout';
import { expect, test } from 'vitest';
import { heartbeat } from './layout.js';

test('the region is the released one: to change it, raise its version and this golden file', () => {
  const golden = readFileSync(new URL('../test/golden/heartbeat.md', import.meta.url), 'utf8');
  const { current, minCompatible } = heartbeat.version;
  expect(
    `${heartbeat.name} version ${current}, compatible down to ${minCompatible}\n\n${regionTable(heartbeat)}`,
  ).toBe(golden);
});
