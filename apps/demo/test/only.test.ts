// Each HAL alone, with the first command of its README: its programs say what crossed, and nothing stays behind.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findHals, loadHal } from '../src/only.js';
import { runDemoToEnd, startDemo } from './fixtures/real-demo.js';

const hals = findHals();
const told = 'Ctrl-C ends all';

describe.each(hals)('$name alone', ({ name, file }) => {
  it('is the first command of its README, prints what crossed, and ends whole', async () => {
    const readme = readFileSync(file.replace('dist/alone.js', 'README.md'), 'utf8');
    const [, command = ''] = /^```sh\n(.*)\n/m.exec(readme) ?? [];
    expect(command).toBe(`npm run demo -- --only ${name}`);

    const run = await startDemo(command.split(' -- ')[1]?.split(' ') ?? [], told);
    const { programs } = (await loadHal(name)).alone;
    await run.lineWith(/^host +\| /);
    await run.lineWith(/^guest +\| /);
    for (const program of programs) expect(run.pidOf(program.name)).toBeGreaterThan(0);
    run.demo.kill('SIGINT');
    expect(await run.closed).toEqual([0, null]);
    expect(await run.whatIsLeft()).toEqual([]);
  });
});

it('what crossed is right: beats are heard, frames taken', async () => {
  const beats = await startDemo(['--only', 'heartbeat'], told);
  for (const beat of [1, 2]) {
    await beats.lineWith(`host     | epoch 1 beat ${beat}`);
    await beats.lineWith(`guest    | beat ${beat} heard`);
  }
  beats.demo.kill('SIGINT');
  await beats.closed;
  const frames = await startDemo(['--only', 'framebuffer'], told);
  await frames.lineWith(/^host {5}\| frame \d+: 320×180, 3200 px copied/);
  frames.demo.kill('SIGINT');
  await frames.closed;
  expect([await beats.whatIsLeft(), await frames.whatIsLeft()]).toEqual([[], []]);
});

it('halves that come to their end by themselves end the run with code 0', async () => {
  const { stdout, code, left } = await runDemoToEnd(['--only', 'gralloc']);
  expect({ code, left }).toEqual({ code: 0, left: [] });
  const linesOf = (name: string) =>
    stdout.split('\n').flatMap((line) => (line.startsWith(`${name.padEnd(8)} | `) ? [line.slice(11)] : []));
  for (let number = 1; number <= 5; number++) {
    const buffer = `buffer 0, generation ${number}`;
    expect(linesOf('guest')).toContain(`allocated ${buffer}: 16384 B, all zero`);
    expect(linesOf('importer')).toContain(`imported ${buffer}: 64×64, every byte ${number}`);
    expect(linesOf('importer')).toContain(`closed the last descriptor of ${buffer}: it is free`);
    expect(linesOf('host')).toContain(`${buffer} is 64×64, lines of 256 B`);
  }
});

it('a half that dies ends the run with code 1 and its name', async () => {
  const run = await startDemo(['--only', 'heartbeat'], told);
  process.kill(run.pidOf('host'), 'SIGKILL');
  expect(await run.closed).toEqual([1, null]);
  expect(run.lines.join('\n')).toContain('demo: host killed by SIGKILL');
  expect(await run.whatIsLeft()).toEqual([]);
});

it('a name that is no HAL is answered with those that are', async () => {
  const { stderr, code, left } = await runDemoToEnd(['--only', 'toaster']);
  expect({ code, left }).toEqual({ code: 1, left: [] });
  expect(stderr).toContain(`--only toaster: expected one of ${hals.map(({ name }) => name).join(', ')}`);
});
