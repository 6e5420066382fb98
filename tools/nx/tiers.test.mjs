// Proof that a test file is in its tier by its name alone.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tiersOf } from './tiers.mjs';

/** The targets of a project whose test folder holds these files. */
function targetsWith(...files) {
  const project = mkdtempSync(join(tmpdir(), 'tiers-'));
  try {
    for (const file of files) {
      mkdirSync(join(project, 'test', file, '..'), { recursive: true });
      writeFileSync(join(project, 'test', file), '');
    }
    return Object.keys(tiersOf(project));
  } finally {
    rmSync(project, { recursive: true });
  }
}

test.each([
  ['nothing', [], []],
  ['a helper alone', ['served.ts'], []],
  ['an end-to-end test', ['e2e.test.ts'], ['e2e']],
  ['a full-tier test', ['browser.full.test.ts'], ['full']],
  ['both, in folders', ['a/e2e.test.ts', 'b/browser.full.test.ts'], ['e2e', 'full']],
])('%s', (_what, files, targets) => {
  expect(targetsWith(...files)).toEqual(targets);
});
