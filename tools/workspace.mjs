// What the tools know of the workspace: its root, its projects, its files, and how a command is run in it.
// No dependency, so that it works before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Every project: its folder relative to the root and its package.json. The same list as pnpm-workspace.yaml. */
export function projects() {
  const folders = ['apps', 'packages', 'tools'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  );
  return ['tools', ...folders]
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => ({
      folder,
      manifest: JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')),
    }));
}

/** Paths of what is in the repository or about to be: tracked files and new ones that .gitignore lets in. */
export function repositoryFiles() {
  const list = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (list.status !== 0) throw new Error(`git ls-files failed: ${list.error ?? list.stderr}`);
  const paths = [...new Set(list.stdout.split('\0'))].filter((path) => path && existsSync(join(root, path)));
  return paths.sort();
}

/** The repository's text files as path → text; binary ones (a NUL among the first bytes) are left out. */
export function repositoryTexts() {
  const entries = repositoryFiles().map((path) => [path, readFileSync(join(root, path))]);
  return new Map(
    entries
      .filter(([, bytes]) => !bytes.subarray(0, 8000).includes(0))
      .map(([path, bytes]) => [path, bytes.toString()]),
  );
}

/**
 * Runs a command at the root and collects what it prints, without colours: it may end up in a log.
 * Nx sets FORCE_COLOR for what it runs, so NO_COLOR would only make Node warn of the pair.
 */
export function collect(command, args) {
  const env = { ...process.env, NX_TUI: 'false', CI: 'true', FORCE_COLOR: '0', NO_COLOR: undefined };
  const program = command === 'node' ? process.execPath : join(root, 'node_modules/.bin', command);
  const options = { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] };
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, options);
  const ending = error ? `${command}: ${error.message}\n` : signal ? `${command}: ended by ${signal}\n` : '';
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${ending}` };
}
