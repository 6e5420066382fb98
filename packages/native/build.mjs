// The install script: compiles src/addon/*.cc into build/vsoc_native.node with one compiler command, no
// node-gyp and no python. With --sanitize it makes build/asan/vsoc_native.node for asan.mjs instead.
// A hash of everything that went in, kept beside the output, makes a second run free.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const sanitize = process.argv.includes('--sanitize');
const outputDir = join(root, 'build', sanitize ? 'asan' : '');
const output = join(outputDir, 'vsoc_native.node');
const stampFile = `${output}.hash`;

function refuse(missing, remedy) {
  console.error(`@vsoc/native cannot be compiled: ${missing}.\nOn Debian: ${remedy}`);
  process.exit(1);
}

function findHeaders() {
  const candidates = [
    join(dirname(realpathSync(process.execPath)), '../include/node'),
    process.env.npm_config_nodedir && join(process.env.npm_config_nodedir, 'include/node'),
    '/usr/include/node',
  ].filter(Boolean);
  const found = candidates.find((folder) =>
    ['node_api.h', 'uv.h'].every((file) => existsSync(join(folder, file))),
  );
  return (
    found ??
    refuse(
      `Node's headers node_api.h and uv.h are in none of ${candidates.join(', ')}`,
      'apt-get install libnode-dev (or set npm_config_nodedir to an unpacked Node release)',
    )
  );
}

/** $CXX may hold arguments too, as in `ccache g++`. */
function findCompiler() {
  const [program, ...leading] = (process.env.CXX?.trim() || 'c++').split(/\s+/);
  const { status, stdout, error } = spawnSync(program, [...leading, '--version'], { encoding: 'utf8' });
  if (error || status !== 0) refuse(`no C++ compiler, '${program}' did not run`, 'apt-get install g++');
  return { program, leading, version: stdout };
}

if (process.platform !== 'linux') refuse(`it needs Linux, this is ${process.platform}`, 'it works');
const headers = findHeaders();
const { program, leading, version } = findCompiler();
const addonDir = join(root, 'src/addon');
const files = readdirSync(addonDir)
  .sort()
  .map((file) => join(addonDir, file));
const flags = [
  ...[
    '-shared',
    '-fPIC',
    '-std=c++17',
    '-DNAPI_VERSION=9',
    '-fvisibility=hidden',
    '-Wall',
    '-Wextra',
    '-Werror',
  ],
  ...(sanitize
    ? [
        '-O1',
        '-g',
        '-fno-omit-frame-pointer',
        '-fsanitize=address,undefined',
        '-fno-sanitize-recover=undefined',
      ]
    : ['-O2']),
  ...['-isystem', headers],
];

const hash = createHash('sha256').update(JSON.stringify([program, leading, version, flags]));
for (const file of files) hash.update(file).update(readFileSync(file));
const stamp = hash.digest('hex');
if (existsSync(output) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) process.exit(0);

mkdirSync(outputDir, { recursive: true });
const unfinished = `${output}.${process.pid}`; // renamed when whole: running processes keep the old file
const sources = files.filter((file) => file.endsWith('.cc'));
const { status } = spawnSync(program, [...leading, ...flags, ...sources, '-o', unfinished], {
  stdio: ['ignore', 2, 2],
});
if (status !== 0) {
  console.error(`@vsoc/native cannot be compiled: ${program} said why above.`);
  process.exit(1);
}
renameSync(unfinished, output);
writeFileSync(stampFile, stamp);
