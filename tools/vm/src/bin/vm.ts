// vm --run-dir DIR [--accel tcg|kvm] [--size WxH] [--fps N]: the guest of a run as a real virtual machine on the window
// of DIR's ivshmem server. Ready when the player in the guest is; ends QEMU with itself.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Log, parseLogLine, runMain, runPaths } from '@vsoc/process';
import { layoutFromJson } from '@vsoc/vsoc/layout';
import { type BootFiles, prepareBootFiles } from '../boot-files.js';
import { demoGuest } from '../guest-programs.js';
import { startMachine } from '../machine.js';
import { cacheFolder, fetchGuestFiles } from '../packages.js';
import { checkKvm } from '../probe.js';
import type { Accelerator } from '../qemu.js';
import { checkRequirements } from '../requirements.js';

/** The same distance from the root for the source and for the built file. */
const checkout = fileURLToPath(new URL('../../../../', import.meta.url));
/** On an idle machine it takes 10 to 15 s under emulation. */
const readyTimeoutMs = 120_000;

runMain('vm', async ({ signal, log, ready }) => {
  const { accelerator, ...options } = readArgv();
  const paths = runPaths(options.runDir);
  const layout = layoutFromJson(readFileSync(paths.layoutFile, 'utf8'));
  const boot = await prepare(accelerator, { signal, log });
  let onReady = () => {};
  const playing = new Promise<void>((resolve) => {
    onReady = resolve;
  });
  await using machine = await startMachine({
    boot,
    accelerator,
    checkout,
    folder: join(paths.runDir, 'vm'),
    qemuSocket: paths.qemuSocket,
    vectors: layout.regions.length,
    programs: demoGuest(options),
    env: { VSOC_LOG_LEVEL: process.env.VSOC_LOG_LEVEL ?? 'info' },
    onLine(line) {
      process.stderr.write(`${line}\n`);
      if (isPlayersReady(line)) onReady();
    },
    onConsoleLine: (line) => log.debug(`console: ${line}`),
  });
  log.info({ qemuPid: machine.pid, accelerator }, 'booting the guest');
  const ended = machine.ended.then(({ text }) => {
    throw new Error(text);
  });
  const told = aborted(signal);
  await Promise.race([playing, ended, told, tooLate()]);
  ready({ qemuPid: machine.pid, modules: machine.modules });
  await Promise.race([ended, told]);
});

function readArgv() {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      accel: { type: 'string', default: 'tcg' },
      size: { type: 'string' },
      fps: { type: 'string' },
    },
  });
  const { accel, 'run-dir': runDir, size, fps } = values;
  return { accelerator: acceleratorOf(accel), runDir, size, fps };
}

function acceleratorOf(word: string): Accelerator {
  if (word === 'tcg' || word === 'kvm') return word;
  throw new Error(`--accel is tcg or kvm, not ${word}`);
}

/** All that must be right before a machine is worth starting. */
async function prepare(
  accelerator: Accelerator,
  { signal, log }: { signal: AbortSignal; log: Log },
): Promise<BootFiles> {
  checkRequirements();
  const cache = cacheFolder();
  const onDownload = (name: string) => log.info(`fetching ${name} into ${cache}, once`);
  const files = await fetchGuestFiles(cache, { signal, onDownload });
  const boot = await prepareBootFiles(files, cache);
  signal.throwIfAborted();
  if (accelerator === 'kvm') await checkKvm({ kernel: boot.kernel, busybox: files.busybox, signal });
  return boot;
}

function isPlayersReady(line: string): boolean {
  const said = parseLogLine(line);
  return said?.name === 'player' && said.msg === 'ready';
}

function tooLate(): Promise<never> {
  const error = new Error(`the guest's player was not ready within ${readyTimeoutMs / 1000} s`);
  return new Promise((_, reject) => setTimeout(reject, readyTimeoutMs, error).unref());
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
}
