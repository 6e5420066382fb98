/** Layout files are used by the browser as they are: they compile with no Node and no DOM types, and tests compile too. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

async function complaints(project: string): Promise<string> {
  const tsc = pathOf('../../../../node_modules/.bin/tsc');
  const { stdout } = await promisify(execFile)(tsc, ['-p', project]).catch(
    (error: { stdout: string }) => error,
  );
  return stdout;
}

test('the layout compiles without Node and DOM types', async () => {
  expect(await complaints(pathOf('./tsconfig.json'))).toBe('');
});

test('its tests compile', async () => {
  expect(await complaints(pathOf('./tsconfig.test.json'))).toBe('');
});

test('that check refuses a file which uses either', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'purity-'));
  try {
    await writeFile(join(directory, 'impure.ts'), 'export const seen = [process.pid, document.title];\n');
    const config = { extends: pathOf('./tsconfig.json'), include: [], files: ['impure.ts'] };
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(config));
    const output = await complaints(directory);
    expect(output).toMatch(/Cannot find name 'process'/);
    expect(output).toMatch(/Cannot find name 'document'/);
  } finally {
    await rm(directory, { recursive: true });
  }
});
