// docs/break-it.md is right: its commands are real, and what they print is what stands there, numbers of milliseconds
// aside.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { labs } from '../src/lab.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(`${root}docs/break-it.md`, 'utf8');
const sections = [...page.matchAll(/^```sh\n(.*)\n```$[\s\S]*?^```text\n([\s\S]*?)^```$/gm)].map(
  ([, command = '', shown = '']) => ({ command, name: command.split(' -- ')[1] ?? '', shown }),
);

/** What may differ from one run to the next. */
const settled = (text: string) => text.replace(/\s+\d+\.\d ms/g, ' … ms').trim();

test('every lab has its section, and no section is without a lab', () => {
  expect(sections.map(({ name }) => name)).toEqual(Object.keys(labs));
});

test.each(sections)(
  '$name shows what the page says',
  ({ name, shown }) => {
    const { stdout, stderr, status } = run(name);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(settled(stdout)).toBe(settled(shown));
  },
  120_000,
);

test('what the doorbell wakes is woken at once, what the slow timer wakes after a second', () => {
  const { stdout } = run('skip-a-step');
  const times = [...stdout.matchAll(/by the (doorbell|slow timer)\s+after\s+(\d+\.\d) ms/g)];
  expect(times).toHaveLength(5);
  for (const [, by, ms] of times) {
    if (by === 'slow timer') expect(Number(ms)).toBeGreaterThanOrEqual(20);
  }
}, 120_000);

test('an unknown lab is answered with those that there are', () => {
  const { stderr, status } = run('burn-it');
  expect(status).toBe(1);
  expect(stderr).toContain(`lab 'burn-it': expected one of ${Object.keys(labs).join(', ')}`);
});

test('the command of the page is the one that runs the labs', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  expect(scripts.lab).toBe('node tools/setup.mjs --build && node tools/labs/dist/bin/lab.js');
  for (const { command, name } of sections) expect(command).toBe(`npm run --silent lab -- ${name}`);
});

function run(name: string) {
  const program = `${root}tools/labs/dist/bin/lab.js`;
  return spawnSync(process.execPath, [program, name], { encoding: 'utf8' });
}
