// Gives every project the targets that its files ask for, so that a test file can never be forgotten by a
// package.json: `test/*.test.ts` makes an `e2e` target, `test/*.full.test.ts` a `full` one. What the targets
// run stands in nx.json.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The uncached tiers that a project's test folder holds files for. */
export function tiersOf(projectFolder) {
  const folder = join(projectFolder, 'test');
  const tests = existsSync(folder)
    ? readdirSync(folder, { recursive: true }).filter((f) => f.endsWith('.test.ts'))
    : [];
  const isFull = (file) => file.endsWith('.full.test.ts');
  return {
    ...(tests.some((file) => !isFull(file)) ? { e2e: {} } : {}),
    ...(tests.some(isFull) ? { full: {} } : {}),
  };
}

export const createNodesV2 = [
  '{apps,packages,tools}/*/package.json',
  (files, _options, { workspaceRoot }) =>
    files.map((file) => {
      const root = dirname(file);
      return [file, { projects: { [root]: { root, targets: tiersOf(join(workspaceRoot, root)) } } }];
    }),
];
