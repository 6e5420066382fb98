// A page of its own, with tiny programs: they start in order, say what they print, and are gone with their run directory.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findProcesses, startReadmePrograms } from '@vsoc/testkit';
import { guardLeaks } from '@vsoc/testkit/hooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

guardLeaks();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsoc-project-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function writePage(...blocks: string[]): URL {
  writeFileSync(join(folder, 'README.md'), blocks.map((block) => `\`\`\`sh\n${block}\n\`\`\`\n`).join('\n'));
  return pathToFileURL(`${folder}/`);
}
const waits = `process.stdin.resume(); setInterval(() => {}, 1000)`;

test('each program of the page starts when the one before it is ready, and is ended with the run directory', async () => {
  const page = writePage(
    'alone',
    'export RUN_DIR=elsewhere\necho planned > $RUN_DIR/layout.json',
    [
      `node -e "console.error('server ready'); ${waits}" $RUN_DIR`,
      `node -e "console.log(fs.readFileSync(process.argv[1], 'utf8'))" $RUN_DIR/layout.json`,
    ].join('\n'),
    'no program',
  );
  let runDir: string;
  {
    await using readme = await startReadmePrograms(page);
    runDir = readme.runDir;
    const [server, reader, ...others] = readme.programs;
    expect(await reader?.closed).toEqual([0, null]);
    expect([server?.printed(), reader?.printed(), others]).toEqual(['server ready\n', 'planned\n\n', []]);
    expect(findProcesses(runDir)).toHaveLength(1);
  }
  expect(findProcesses(runDir)).toEqual([]);
  expect(existsSync(runDir)).toBe(false);
});

test('a page that plans no window is refused with what its command said, and nothing stays', async () => {
  vi.stubEnv('TMPDIR', folder);
  const page = writePage(
    'alone',
    'node -e "console.error(String(1 + 1)); process.exit(1)"',
    'node --version',
  );
  await expect(startReadmePrograms(page)).rejects.toThrow("no window is planned by the page's commands: 2\n");
  expect(readdirSync(folder)).toEqual(['README.md']);
});
