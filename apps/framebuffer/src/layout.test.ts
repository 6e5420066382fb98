/** Released layouts are frozen: a change is red until the region's version moves and the golden file with it. */
import { readFileSync } from 'node:fs';
import { regionTable } from '@vsoc/vsoc/layout';
import { expect, test } from 'vitest';
import { framebuffer } from './layout.js';

test.each([framebuffer])(
  'region $name is the released one: to change it, raise its version and this golden file',
  (region) => {
    const golden = readFileSync(new URL(`../test/golden/${region.name}.md`, import.meta.url), 'utf8');
    const { current, minCompatible } = region.version;
    const heading = `${region.name} version ${current}, compatible down to ${minCompatible}`;
    expect(`${heading}\n\n${regionTable(region)}`).toBe(golden);
  },
);
