// docs/tutorial-hal-in-15-minutes.md from top to bottom, in a copy of the workspace: every command is run, every snippet
// written where it says, and what a `text` block shows must appear in what the command before it prints.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyWorkspace, type WorkspaceCopy } from './workspace-copy.js';

const page = fileURLToPath(new URL('../../../docs/tutorial-hal-in-15-minutes.md', import.meta.url));
const memoryModel = 'docs/memory-model.md';

interface Step {
  readonly what: string;
  readonly act: () => void | Promise<void>;
}

let copy: WorkspaceCopy;
beforeAll(() => {
  copy = copyWorkspace();
}, 900_000);
afterAll(() => copy[Symbol.dispose](), 300_000);

/** Fenced blocks: language, file if one is named, content. */
function blocksOf(markdown: string) {
  return [...markdown.matchAll(/^(`{3,})(\w+)(?: (\S+))?\n([\s\S]*?)^\1$/gm)].map(
    ([, , language = '', file, content = '']) => ({ language, file, content }),
  );
}

function stepsOf(markdown: string): Step[] {
  const blocks = blocksOf(markdown);
  return blocks.flatMap(({ language, file, content }, index): Step[] => {
    if (language === 'text') return [];
    if (file !== undefined) return [{ what: `write ${file}`, act: () => write(file, content) }];
    if (language !== 'sh') throw new Error(`${page}: what is to be done with a block of ${language}?`);
    const next = blocks[index + 1];
    const shown = next?.language === 'text' ? next.content.trimEnd().split('\n') : [];
    return [{ what: content.trimEnd(), act: () => runBlock(content.trimEnd(), shown) }];
  });
}

/** A whole file; of the memory model, the rows that take the place of the new HAL's. */
function write(file: string, content: string): void {
  const path = join(copy.folder, file);
  if (file !== memoryModel) {
    writeFileSync(path, content);
    return;
  }
  const lines = readFileSync(path, 'utf8').split('\n');
  const first = lines.findIndex((line) => line.startsWith('| `rotation-'));
  const others = lines.filter((line) => !line.startsWith('| `rotation-'));
  writeFileSync(path, others.toSpliced(first, 0, ...content.trimEnd().split('\n')).join('\n'));
}

/** The last command may be one that only Ctrl-C ends. */
async function runBlock(commands: string, shown: readonly string[]): Promise<void> {
  const lines = commands.split('\n');
  const endless = lines.at(-1)?.startsWith('npm run demo') ? lines.pop() : undefined;
  const printed = lines.length > 0 ? copy.run(`set -e\n${lines.join('\n')}`) : '';
  if (endless) return untilShown(endless, shown);
  for (const line of shown) expect(printed).toContain(line);
}

async function untilShown(command: string, shown: readonly string[]): Promise<void> {
  // A process group of its own, so that the interrupt goes to all of it, as a terminal's does.
  const options = { cwd: copy.folder, env: copy.environment, detached: true } as const;
  const child = spawn('bash', ['-c', command], options);
  const closed = once(child, 'close');
  let printed = '';
  const isShown = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        printed += data;
        if (shown.every((line) => printed.includes(line))) resolve();
      });
    }
  });
  await Promise.race([isShown, closed]);
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
  await closed;
  for (const line of shown) expect(printed).toContain(line);
}

describe('step by step', () => {
  const steps = stepsOf(readFileSync(page, 'utf8'));

  test('the page has commands, snippets, and what is to be seen', () => {
    expect(steps.length).toBeGreaterThan(15);
  });

  test.each(steps)('$what', ({ act }) => act(), 900_000);
});
