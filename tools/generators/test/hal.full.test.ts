// One new HAL like each that there is, in a copy of the workspace: they build, lint, pass the checks and all their tests,
// and run alone, without an edit. Their names have two words, so that each form of a name is told from the others.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyWorkspace, type WorkspaceCopy } from './workspace-copy.js';

let copy: WorkspaceCopy;
let hals: string[];
let problemsBefore: string[];
/** What lint, checks and types have against the copy. Other tests see to it that there is nothing before. */
const problems = (): string[] =>
  [
    'npx biome check --error-on-warnings --reporter=summary .',
    'node tools/check.mjs',
    'npx tsc --pretty false -p tsconfig.tests.json',
    'npx tsc --pretty false -p tsconfig.layouts.json',
  ].flatMap((command) => {
    const { status, output } = copy.outcome(command);
    return status === 0 ? [] : [`${command}\n${output.replace(/\d+ ?m?s\b|Checked \d+ files/g, '…')}`];
  });

/** Short enough for `NAME_manager` to be a region's name. */
const nameLike = (hal: string) => `my-${hal.slice(0, 4)}`;

beforeAll(() => {
  copy = copyWorkspace();
  hals = readdirSync(join(copy.folder, 'apps')).filter((name) => {
    const manifest = join(copy.folder, 'apps', name, 'package.json');
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).exports?.['./alone'];
  });
  problemsBefore = problems();
}, 900_000);
afterAll(() => copy[Symbol.dispose](), 300_000);

test('a name that cannot be is refused with the reason, and nothing is written', () => {
  const before = copy.run('git status --short --untracked-files=all');
  for (const [words, reason] of [
    ['Rotation', 'expected lower-case words joined by hyphens'],
    ['class', 'class is a word of the language'],
    ['gralloc', 'there is a package @vsoc/gralloc already'],
    ['rotation-of-the-screen', 'the region heartbeat would become rotation_of_the_screen, 22 bytes'],
    ['rotation --like toaster', 'expected one of '],
  ] as const) {
    const { status, output } = copy.outcome(`npm run --silent new-hal -- ${words}`);
    expect({ status, output }).toEqual({ status: 1, output: expect.stringContaining(reason) });
  }
  expect(copy.run('git status --short --untracked-files=all')).toBe(before);
}, 300_000);

test('one like each builds, lints, passes its tests and the checks, and runs alone', () => {
  const [first = '', ...others] = hals;
  expect(others.length).toBeGreaterThanOrEqual(2);
  copy.run(`npx nx g @vsoc/tools:hal ${nameLike(first)} --like ${first}`);
  for (const like of others) copy.run(`npm run --silent new-hal -- ${nameLike(like)} --like ${like}`);

  copy.run('npm run --silent build');
  expect(problems()).toEqual(problemsBefore);
  const projects = hals.map((like) => `@vsoc/${nameLike(like)}`).join(',');
  copy.run(`npx nx run-many -t test -p ${projects} --outputStyle=static`);
  copy.run(`npx nx run-many -t e2e --parallel=1 -p ${projects} --outputStyle=static`);
  const alone = 'vitest run --config ../../vitest.config.ts --root . --dir test only -t "my-.* alone"';
  expect(copy.run(`../../node_modules/.bin/${alone}`, { folder: 'apps/demo' })).toMatch(
    new RegExp(`${hals.length} passed`),
  );
}, 1_800_000);

test('a HAL that was generated can be copied in its turn', () => {
  copy.run(`npm run --silent new-hal -- again --like ${nameLike('heartbeat')}`);
  copy.run('npm run --silent build');
  expect(problems()).toEqual(problemsBefore);
  copy.run('npx nx run-many -t test,e2e -p @vsoc/again --outputStyle=static');
}, 900_000);
