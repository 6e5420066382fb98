// Writes a new HAL into the workspace: what copyHal says, then format, links and generated parts, each by the tool that
// has the last word on it. Both ways of calling the generator, npm's and Nx's, end here.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { collect, repositoryFiles, repositoryTexts, root } from '../../workspace.mjs';
import { copyHal } from './copy-hal.mjs';
import { foreignWords } from './foreign-words.mjs';

export const defaultLike = 'heartbeat';

/**
 * @param {{ name: string, like: string }} options
 * @returns {{ refusals: string[], files: Map<string, string | Buffer> }} nothing is written yet
 */
export function planHal({ name, like }) {
  const texts = repositoryTexts();
  const folder = join(root, 'apps', like);
  const keep = existsSync(folder) ? foreignWords(folder, like) : [];
  const { refusals, files } = copyHal(texts, { name, like, keep });
  if (refusals.length > 0) return { refusals, files };
  const binaries = repositoryFiles().filter((path) => path.startsWith(`apps/${like}/`) && !texts.has(path));
  const copies = binaries.map((path) => [
    path.replace(`apps/${like}/`, `apps/${name}/`),
    readFileSync(join(root, path)),
  ]);
  return { refusals, files: new Map([...files, ...copies]) };
}

export function writeFiles(files) {
  for (const [path, content] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** Longer names wrap and sort differently, and pnpm has to link what the new package imports. */
export function finish(name) {
  const steps = [
    ['biome', ['check', '--write', `apps/${name}`, 'tools/checks/layers.mjs']],
    ['node', ['tools/setup.mjs']],
  ];
  for (const [command, args] of steps) {
    const { ok, output } = collect(command, args);
    if (!ok) throw new Error(`${command} ${args.join(' ')} failed:\n${output}`);
  }
}

export function nextSteps(name, like) {
  return `apps/${name} is a HAL like ${like}, under a name of its own. Try it:

  npm run demo -- --only ${name}
  npm test

Then make it yours: apps/${name}/src/layout.ts first, the halves next, the README last.`;
}
