// Whether KVM really boots something: an existing /dev/kvm proves nothing, on a nested hypervisor a stock kernel may hang
// for minutes. So the guest's own kernel is booted with a root of one script that says a word, within a deadline.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { file, folders, writeArchive } from './cpio.js';
import { readLines } from './lines.js';
import { type Accelerator, bareMachine, kernelWords, qemuProgram } from './qemu.js';
import { boundToThisProcess } from './tool.js';

export type ProbeVerdict =
  | { readonly boots: true; readonly afterMs: number }
  | { readonly boots: false; readonly why: string };

export interface ProbeOptions {
  /** Uncompressed. */
  readonly kernel: string;
  readonly busybox: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** KVM when left out; the other one is there to prove the probe itself. */
  readonly accelerator?: Accelerator;
}

const kvmDevice = '/dev/kvm';
/** A stock kernel on a KVM that works needs about one second. */
const usualTimeoutMs = 20_000;
const sign = 'vsoc: the guest is up';
const init = `#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
echo "${sign}" >/dev/ttyS0
/bin/busybox poweroff -f
`;

/** Throws what is wrong with KVM, and what to do. */
export async function checkKvm(options: ProbeOptions): Promise<void> {
  const verdict = await probe(options);
  options.signal?.throwIfAborted();
  if (!verdict.boots) throw new Error(`KVM does not boot a guest here: ${verdict.why}; take --accel tcg`);
}

export async function probe(options: ProbeOptions): Promise<ProbeVerdict> {
  const { accelerator = 'kvm', timeoutMs = usualTimeoutMs } = options;
  if (accelerator === 'kvm' && !existsSync(kvmDevice)) return { boots: false, why: `no ${kvmDevice}` };
  const folder = mkdtempSync(join(tmpdir(), 'vsoc-probe-'));
  try {
    const initramfs = join(folder, 'initramfs.cpio');
    writeFileSync(initramfs, rootOf(options.busybox));
    const args = [
      ...bareMachine,
      ...['-accel', accelerator, '-m', '256', '-kernel', options.kernel, '-initrd', initramfs],
      ...['-append', kernelWords, '-serial', 'stdio'],
    ];
    return await boot(args, timeoutMs, options.signal);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rootOf(busybox: string): Uint8Array {
  return writeArchive([
    ...folders('bin', 'dev'),
    file('init', Buffer.from(init), 0o755),
    file('bin/busybox', readFileSync(busybox), 0o755),
  ]);
}

async function boot(
  args: readonly string[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<ProbeVerdict> {
  const startMs = performance.now();
  const qemu = spawn(...boundToThisProcess(qemuProgram, args), { stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => void qemu.kill('SIGKILL');
  const deadline = setTimeout(kill, timeoutMs);
  signal?.addEventListener('abort', kill, { once: true });
  if (signal?.aborted) kill();
  let upAfterMs: number | undefined;
  let lastLine = 'it said nothing';
  const onLine = (line: string) => {
    if (line.includes(sign)) upAfterMs ??= Math.round(performance.now() - startMs);
    if (line.trim() !== '') lastLine = line.trim();
  };
  readLines(qemu.stdout, onLine);
  readLines(qemu.stderr, onLine);
  try {
    await once(qemu, 'close');
  } catch (error) {
    return { boots: false, why: (error as Error).message };
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener('abort', kill);
  }
  if (upAfterMs !== undefined) return { boots: true, afterMs: upAfterMs };
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  return { boots: false, why: `no sign of life in ${seconds} s (${lastLine})` };
}
