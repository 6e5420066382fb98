// Makes a fresh clone ready to run: installs the pinned dependencies with the pinned pnpm when they are
// stale, and with --build compiles every project. Chatter goes to stderr, so `npm run -s` output stays clean.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const inputs = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'packages/native/build.mjs'];
const stampFile = `${root}node_modules/.vsoc-setup`;

/** What the installed state depends on; a different value means a stale node_modules. */
function stamp() {
  const hash = createHash('sha256').update(process.version).update(process.arch);
  for (const file of inputs) hash.update(readFileSync(root + file));
  return hash.digest('hex');
}

function run(command, args) {
  const env = { ...process.env, NX_DAEMON: 'false', CI: 'true' };
  // Exit codes alone matter to the caller: everything these print goes to stderr.
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const wanted = stamp();
if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== wanted) {
  const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  run('npm', ['exec', '--yes', '--package', packageManager, '--', 'pnpm', 'install', '--frozen-lockfile']);
  writeFileSync(stampFile, wanted);
}
if (process.argv.includes('--build')) {
  run(`${root}node_modules/.bin/nx`, ['run-many', '-t', 'build', '--outputStyle=static']);
}
