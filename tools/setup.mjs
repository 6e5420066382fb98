// Makes a fresh clone ready to run: compiles the native addon, installs the pinned dependencies with the
// pinned pnpm, and with --build compiles every project. Each part does nothing when it is up to date, and then
// says nothing. All chatter goes to stderr, so that `npm run -s abi` prints the header and nothing else.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect, projects, root } from './workspace.mjs';

const lowestNode = [20, 19];
const stampFile = join(root, 'node_modules/.vsoc-setup');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const say = (text) => process.stderr.write(`setup: ${text}\n`);

function giveUp(text) {
  say(text);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > lowestNode[0] || (major === lowestNode[0] && minor >= lowestNode[1])) return;
  giveUp(`Node ${lowestNode.join('.')} or newer is needed, this is ${process.version} (${process.execPath})`);
}

/** What the installed dependencies follow from; another value means that they are stale. */
function dependencyStamp() {
  const { packageManager, dependencies, devDependencies } = manifest;
  const hash = createHash('sha256').update(`${process.version} ${process.arch}`);
  hash.update(JSON.stringify([packageManager, dependencies, devDependencies]));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** Runs with its output on stderr, and ends the set-up when it fails: what it printed says why. */
function run(command, args) {
  const env = { ...process.env, CI: 'true' };
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
  if (error) giveUp(`${command} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** It keeps its own stamp. First of all, because a missing compiler should be heard of before a download. */
function buildAddon() {
  run(process.execPath, [join(root, 'packages/native/build.mjs')]);
}

function installDependencies() {
  const stamp = dependencyStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  say(`installing dependencies with ${manifest.packageManager}`);
  const install = ['pnpm', 'install', '--frozen-lockfile'];
  run('npm', ['exec', '--yes', '--package', manifest.packageManager, '--', ...install]);
  writeFileSync(stampFile, stamp);
}

function buildProjects() {
  const built = projects().every(
    ({ folder, manifest: { nx } }) => !nx?.targets?.build || existsSync(join(root, folder, 'dist')),
  );
  if (!built) say('compiling every project');
  const { ok, output } = collect('nx', ['run-many', '-t', 'build', '--outputStyle=static']);
  if (!ok) giveUp(`the build failed\n${output}`);
}

checkNode();
buildAddon();
installDependencies();
if (process.argv.includes('--build')) buildProjects();
