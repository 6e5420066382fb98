// The verdict, and the questions that can be asked of a made-up machine.
import { expect, it } from 'vitest';
import { root } from '../workspace.mjs';
import { checksOf } from './checks.mjs';
import { findingLine, verdict } from './report.mjs';

const result = (job, ok) => ({ name: 'x', job, ok, seen: '' });
const look = (name, env) =>
  checksOf(root, env)
    .find((check) => check.name === name)
    .look();

it('only what the main job needs makes the exit code', () => {
  expect(verdict([result('main', true), result('machine', false), result('page', false)]).exitCode).toBe(0);
  expect(verdict([result('main', false), result('machine', true)]).exitCode).toBe(1);
});

it('what is missing comes with the line that mends it', () => {
  const line = findingLine({
    name: 'browser',
    ok: false,
    seen: 'no chromium',
    mend: 'apt-get install chromium',
  });
  expect(line).toMatch(/^missing browser +no chromium\n +→ apt-get install chromium$/);
});

it('a machine without compiler and browser is told so', async () => {
  const env = { PATH: '', CXX: 'no-such-compiler' };
  expect(await look('C++ compiler', env)).toMatchObject({ ok: false, mend: expect.stringContaining('g++') });
  expect(await look('browser', env)).toMatchObject({ ok: false, mend: expect.stringContaining('chromium') });
});

it('this machine can do the main job: the tests run on it', async () => {
  for (const name of ['Node', 'system', 'port', 'run directory']) {
    expect(await look(name, process.env), name).toMatchObject({ ok: true });
  }
});
