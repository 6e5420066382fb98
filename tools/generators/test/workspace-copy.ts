// A copy of this workspace in a temporary folder, set up as a fresh clone is: what a test writes and breaks there
// nobody else sees. Builds are taken along, so that only what changes is compiled.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface WorkspaceCopy extends Disposable {
  readonly folder: string;
  /** For a process that a test starts in the copy by itself. */
  readonly environment: NodeJS.ProcessEnv;
  /** Runs a command line in the copy, in a shell, and answers what it printed; throws when it fails. */
  run(commandLine: string, options?: { readonly folder?: string }): string;
  /** The same whatever its exit code is. */
  outcome(commandLine: string): { readonly status: number | string | null; readonly output: string };
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const leftBehind = ['node_modules', '.git', '.nx', 'test-results'];

export function copyWorkspace(): WorkspaceCopy {
  const folder = mkdtempSync(join(tmpdir(), 'vsoc-copy-'));
  const copy: WorkspaceCopy = {
    folder,
    environment: cleanEnvironment(),
    run(commandLine, options = {}) {
      const { status, output } = runIn(join(folder, options.folder ?? '.'), commandLine);
      if (status !== 0) throw new Error(`${commandLine}: exit code ${status}\n${output}`);
      return output;
    },
    outcome: (commandLine) => runIn(folder, commandLine),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
  try {
    const excluded = leftBehind.map((name) => `--exclude=${name}`).join(' ');
    // A file that somebody is rewriting at this moment is no reason to stop.
    runIn(root, `tar ${excluded} -cf - . | tar -xf - -C ${folder}`);
    if (!existsSync(join(folder, 'package.json'))) throw new Error(`nothing was copied to ${folder}`);
    copy.run('git init --quiet .');
    copy.run('node tools/setup.mjs --build');
    return copy;
  } catch (error) {
    copy[Symbol.dispose]();
    throw error;
  }
}

/** What Nx, npm and vitest put into the environment of this test means nothing in the copy, or the wrong thing. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:NX_|VITEST|TEST$|npm_(?!config_)|NODE_ENV)/.test(name),
  );
  return { ...Object.fromEntries(kept), FORCE_COLOR: '0', CI: 'true', NX_TUI: 'false', NO_COLOR: undefined };
}

function runIn(folder: string, commandLine: string) {
  const options = { cwd: folder, env: cleanEnvironment(), encoding: 'utf8', maxBuffer: 1 << 26 } as const;
  const { status, signal, stdout, stderr } = spawnSync('bash', ['-c', commandLine], options);
  return { status: status ?? signal, output: `${stdout}${stderr}` };
}
