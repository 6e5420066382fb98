// The two tiers: `node tools/test.mjs quick|full`. Runs every step even when an earlier one failed, shows the
// output of those that failed, and ends with one line of counts. Expects a finished build.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { addUp } from './counts.mjs';
import { tiersOf } from './nx/tiers.mjs';
import { collect, projects, repositoryFiles, root } from './workspace.mjs';

const nx = (target, parallel) => [
  'nx',
  ['run-many', '-t', target, `--parallel=${parallel}`, '--outputStyle=static'],
];
const reporters = (file) => [
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=test-results/${file}`,
];
const folders = projects();
const withTarget = (target) => folders.filter(({ folder }) => target in tiersOf(join(root, folder)));

/** A step with a `report` is made of tests: each project in `of` must leave that file in its test-results. */
const tiers = {
  quick: [
    { name: 'lint', run: ['biome', ['check', '--error-on-warnings', '.']] },
    { name: 'checks', run: ['node', ['tools/check.mjs']] },
    { name: 'types of tests', run: ['tsc', ['--pretty', 'false', '-p', 'tsconfig.tests.json']] },
    {
      name: 'types of layouts, no DOM and no Node',
      run: ['tsc', ['--pretty', 'false', '-p', 'tsconfig.layouts.json']],
    },
    {
      name: 'unit tests',
      run: nx('test', 2),
      report: 'unit.json',
      of: folders.filter((p) => p.manifest.nx?.targets?.test),
    },
    { name: 'end-to-end tests', run: nx('e2e', 2), report: 'e2e.json', of: withTarget('e2e') },
  ],
  full: [
    { name: 'full tests', run: nx('full', 1), report: 'full.json', of: withTarget('full') },
    {
      name: 'native under AddressSanitizer',
      run: ['node', ['packages/native/asan.mjs', ...reporters('asan.json')]],
      report: 'asan.json',
      of: folders.filter((p) => p.folder === 'packages/native'),
    },
  ],
};

const reportPath = (project, report) => join(root, project.folder, 'test-results', report);

function readReport(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** Of what Nx printed, the parts of the tasks that failed; all of it when they cannot be told apart. */
function failedParts(output) {
  const failed = new Set([...output.matchAll(/^- (\S+:\S+)$/gm)].map((match) => match[1]));
  const parts = output.split(/^(?=> nx run )/m);
  const kept = parts.filter((part) => failed.has(part.match(/^> nx run (\S+)/)?.[1]));
  return kept.length > 0 ? kept.join('') : output;
}

/** Runs one step; prints its line, and its output when it failed. */
function runStep({ name, run, report, of = [] }) {
  if (report && of.length === 0) return { passed: 0, failed: 0, problems: [] };
  for (const project of of) rmSync(reportPath(project, report), { force: true });
  const startMs = performance.now();
  const { ok, output } = collect(...run);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const reports = of.map((project) => ({
    name: project.manifest.name,
    report: readReport(reportPath(project, report)),
  }));
  const counts = report ? addUp(reports) : { passed: 0, failed: 0, problems: [] };
  if (!ok) counts.problems.push('ended with an error');
  const problems = counts.problems.map((problem) => `${name}: ${problem}`);
  const tally = report ? `, ${counts.passed} passed, ${counts.failed} failed` : '';
  if (problems.length > 0 || counts.failed > 0) process.stdout.write(`${failedParts(output)}\n`);
  console.log(
    `${problems.length === 0 && counts.failed === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s${tally})`,
  );
  return { ...counts, problems };
}

/** The quick tier says what it did not look at. */
function printLeftOut() {
  const files = repositoryFiles().filter((path) => path.endsWith('.full.test.ts'));
  console.log('left out (npm run test:full has them): native under AddressSanitizer');
  for (const file of files) console.log(`  ${file}`);
}

const tier = process.argv[2];
if (!(tier in tiers))
  throw new Error(`expected one of ${Object.keys(tiers).join(', ')} as the tier, saw ${tier}`);
const results = tiers[tier].map(runStep);
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
const problems = results.flatMap((result) => result.problems);
if (tier === 'quick') printLeftOut();
for (const problem of problems) console.log(`problem: ${problem}`);
if (problems.length > 0 || sum('failed') > 0 || sum('passed') === 0) process.exitCode = 1;
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
