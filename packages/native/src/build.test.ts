import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('../build.mjs', import.meta.url));

test('without a compiler the install script says what is missing and what mends it', () => {
  const env = { ...process.env, CXX: 'no-such-compiler' };
  const { status, stderr } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toContain("no C++ compiler, 'no-such-compiler' did not run");
  expect(stderr).toContain('apt-get install g++');
});
