// What this machine must have, one question each: for the main job (demo, npm test), for the guest in a virtual machine,
// for the tests of the page. A question looks and changes nothing; what it cannot answer before a build, it says.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {{ ok: boolean, seen: string, mend?: string }} Finding
 * @typedef {{ name: string, job: 'main' | 'machine' | 'page', look: () => Finding | Promise<Finding> }} Check
 */

const lowestNode = [20, 19];
const install = (packages) => `apt-get install --no-install-recommends ${packages}`;
const good = (seen) => ({ ok: true, seen });
const bad = (seen, mend) => ({ ok: false, seen, mend });

/** @param {string} root of the repository @param {NodeJS.ProcessEnv} env @returns {Check[]} */
export function checksOf(root, env) {
  const built = (path) => join(root, path, 'dist/index.js');
  const load = async (path) =>
    existsSync(built(path)) ? import(pathToFileURL(built(path)).href) : undefined;
  const unbuilt = bad('not built yet', 'npm run build');
  const machine = async (look) => {
    const vm = await load('tools/vm');
    return vm ? look(vm) : unbuilt;
  };
  return [
    { name: 'Node', job: 'main', look: node },
    { name: 'system', job: 'main', look: system },
    { name: 'C++ compiler', job: 'main', look: () => compiler(env) },
    { name: "Node's headers", job: 'main', look: () => headers(env) },
    {
      name: 'sealed memory',
      job: 'main',
      look: async () => sealed(await load('packages/native')) ?? unbuilt,
    },
    { name: 'port', job: 'main', look: port },
    { name: 'run directory', job: 'main', look: () => runDirectory(env) },
    { name: 'QEMU', job: 'machine', look: () => machine((vm) => qemu(vm)) },
    { name: 'its tools', job: 'machine', look: () => machine((vm) => programs(vm, env)) },
    { name: 'guest kernel', job: 'machine', look: () => machine((vm) => kernel(vm)) },
    { name: 'KVM', job: 'machine', look: () => machine((vm) => kvm(vm)) },
    { name: 'browser', job: 'page', look: () => browser(env) },
  ];
}

function node() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const enough = major > lowestNode[0] || (major === lowestNode[0] && minor >= lowestNode[1]);
  const seen = `${process.version} (${process.execPath})`;
  return enough ? good(seen) : bad(seen, `install Node ${lowestNode.join('.')} or newer`);
}

function system() {
  const seen = `${process.platform} ${process.arch}`;
  return seen === 'linux x64' ? good(seen) : bad(seen, 'take a Linux machine with x86-64 processors');
}

function compiler(env) {
  const [program, ...words] = (env.CXX?.trim() || 'c++').split(/\s+/);
  const { status, stdout } = spawnSync(program, [...words, '--version'], { encoding: 'utf8' });
  return status === 0 ? good(stdout.split('\n')[0]) : bad(`${program} does not run`, install('g++'));
}

function headers(env) {
  const folders = [
    join(dirname(realpathSync(process.execPath)), '../include/node'),
    ...(env.npm_config_nodedir ? [join(env.npm_config_nodedir, 'include/node')] : []),
    '/usr/include/node',
  ];
  const folder = folders.find((candidate) => existsSync(join(candidate, 'node_api.h')));
  return folder ? good(folder) : bad('node_api.h is nowhere', install('libnode-dev'));
}

function sealed(native) {
  if (!native) return undefined;
  const memory = native.createSealedMemfd('vsoc-doctor', 65_536);
  try {
    native.assertSealed(memory.fd);
    return good('memfd with seals');
  } catch (error) {
    return bad(error.message, 'take a kernel and a sandbox that allow memfd_create with F_ADD_SEALS');
  } finally {
    memory[Symbol.dispose]();
  }
}

/** @returns {Promise<Finding>} */
function port() {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(bad(error.message, 'allow listening on 127.0.0.1')));
    server.listen(0, '127.0.0.1', () => {
      const { port: number } = server.address();
      server.close(() => resolve(good(`127.0.0.1 can be listened to (was given ${number})`)));
    });
  });
}

/** A socket's path has at most 107 bytes, of which the run directory may take about 70. */
function runDirectory(env) {
  const parent = env.XDG_RUNTIME_DIR && existsSync(env.XDG_RUNTIME_DIR) ? env.XDG_RUNTIME_DIR : tmpdir();
  const seen = parent.length > 60 ? `${parent} is long for sockets` : parent;
  try {
    rmSync(mkdtempSync(join(parent, 'vsoc-doctor-')), { recursive: true });
    return parent.length > 60 ? bad(seen, 'set TMPDIR or XDG_RUNTIME_DIR to a shorter path') : good(seen);
  } catch (error) {
    return bad(error.message, 'set TMPDIR or XDG_RUNTIME_DIR to a folder of your own');
  }
}

/** Both devices must be among those that this QEMU was built with. */
function qemu({ qemuProgram }) {
  const { status, stdout } = spawnSync(qemuProgram, ['-device', 'help'], { encoding: 'utf8' });
  if (status !== 0) return bad(`${qemuProgram} does not run`, install('qemu-system-x86'));
  const missing = ['ivshmem-doorbell', 'intel-iommu'].filter((name) => !stdout.includes(`"${name}"`));
  const version = spawnSync(qemuProgram, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0];
  if (missing.length === 0) return good(version);
  return bad(`${version} without ${missing.join(', ')}`, install('qemu-system-x86'));
}

function programs({ missingRequirements, installLine }, env) {
  const missing = missingRequirements(env);
  if (missing.length === 0) return good('all there');
  return bad(`no ${missing.map(({ program }) => program).join(', ')}`, installLine(missing));
}

async function kernel({ cacheFolder, currentKernelPackage, isFetched }) {
  const cache = cacheFolder();
  if (isFetched(cache)) return good(`in ${cache}`);
  try {
    return good(`${await currentKernelPackage()}, to be fetched at the first use`);
  } catch {
    return bad('apt knows no linux-image-amd64', 'apt-get update');
  }
}

/** Boots something, since an existing /dev/kvm proves nothing. Without KVM the machine is emulated: nothing is missing. */
async function kvm({ cacheFolder, fetchGuestFiles, isFetched, prepareBootFiles, probe }) {
  const cache = cacheFolder();
  if (!existsSync('/dev/kvm')) return good('no /dev/kvm: the guest is emulated');
  if (!isFetched(cache)) return good('not tried before a guest kernel was fetched');
  console.error('        KVM: trying to boot a kernel, for 20 s at most');
  const files = await fetchGuestFiles(cache);
  const { kernel: image } = await prepareBootFiles(files, cache);
  const verdict = await probe({ kernel: image, busybox: files.busybox });
  if (verdict.boots) return good(`boots in ${(verdict.afterMs / 1000).toFixed(1)} s: --accel kvm`);
  return good(`does not boot (${verdict.why}): the guest is emulated`);
}

function browser(env) {
  const path = env.CHROMIUM_PATH ?? findProgram('chromium', env);
  return path && isExecutable(path) ? good(path) : bad('no chromium', install('chromium fonts-dejavu-core'));
}

function findProgram(program, env) {
  const candidates = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
  return candidates.find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
