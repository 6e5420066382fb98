// vm --run-dir DIR [--accel tcg|kvm] [--size WxH] [--fps N]: the guest of a run as a real virtual machine on the window
// of DIR's ivshmem server. Ready when the player in the guest is; ends QEMU with itself.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseLogLine, runMain, runPaths } from '@vsoc/process';
import { layoutFromJson } from '@vsoc/vsoc/layout';
import { prepareBootFiles } from '../boot-files.js';
import { demoGuest } from '../guest-programs.js';
import { startMachine } from '../machine.js';
import { cacheFolder, fetchGuestFiles } from '../packages.js';
import { checkKvm } from '../probe.js';
import type { Accelerator } from '../qemu.js';
import { checkRequirements } from '../requirements.js';

/** The same distance from the root for the source and for the built file. */
const checkout = fileURLToPath(new URL('../../../../', import.meta.url));
/** On an idle machine it takes 15 s under emulation. */
const readyTimeoutMs = 120_000;

runMain('vm', async ({ signal, log, ready }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      accel: { type: 'string', default: 'tcg' },
      size: { type: 'string' },
      fps: { type: 'string' },
    },
  });
  const accelerator = acceleratorOf(values.accel);
  const paths = runPaths(values['run-dir']);
  const layout = layoutFromJson(readFileSync(paths.layoutFile, 'utf8'));
  checkRequirements();
  const cache = cacheFolder();
  const onDownload = (name: string) => log.info(`fetching ${name} into ${cache}, once`);
  const files = await fetchGuestFiles(cache, { signal, onDownload });
  const boot = await prepareBootFiles(files, cache);
  signal.throwIfAborted();
  if (accelerator === 'kvm') await checkKvm({ kernel: boot.kernel, busybox: files.busybox, signal });

  let isReady = false;
  await using machine = await startMachine({
    boot,
    accelerator,
    checkout,
    folder: join(paths.runDir, 'vm'),
    qemuSocket: paths.qemuSocket,
    vectors: layout.regions.length,
    programs: demoGuest(values),
    env: { VSOC_LOG_LEVEL: process.env.VSOC_LOG_LEVEL ?? 'info' },
    onLine(line) {
      process.stderr.write(`${line}\n`);
      const said = parseLogLine(line);
      if (isReady || said?.name !== 'player' || said.msg !== 'ready') return;
      isReady = true;
      clearTimeout(late);
      ready({ qemuPid: machine.pid, modules: machine.modules });
    },
    onConsoleLine: (line) => log.debug(`console: ${line}`),
  });
  log.info({ qemuPid: machine.pid, accelerator }, 'booting the guest');
  let late: NodeJS.Timeout | undefined;
  const neverReady = new Promise<never>((_, reject) => {
    const error = new Error(`the guest's player was not ready within ${readyTimeoutMs / 1000} s`);
    late = setTimeout(() => reject(error), readyTimeoutMs);
  });
  const { text } = await Promise.race([machine.ended, neverReady, aborted(signal)]);
  throw new Error(text);
});

function acceleratorOf(word: string): Accelerator {
  if (word === 'tcg' || word === 'kvm') return word;
  throw new Error(`--accel is tcg or kvm, not ${word}`);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
  });
}
