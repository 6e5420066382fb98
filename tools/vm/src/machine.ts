// One virtual machine: its files made ready, QEMU started, its output taken in, its end told. QEMU dies with the process
// that started it, SIGKILL included.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { initScript, port } from './init.js';
import { writeInit, writeRoot } from './initramfs.js';
import { extractKernel } from './kernel.js';
import { orderModules, wantedModules } from './modules.js';
import type { GuestFiles } from './packages.js';
import { type MachineOptions, machineArguments, qemuProgram } from './qemu.js';

export interface StartOptions
  extends Pick<MachineOptions, 'checkout' | 'qemuSocket' | 'vectors' | 'accelerator'> {
  readonly files: GuestFiles;
  readonly cache: string;
  /** Private to this run: the machine's sockets and its initramfs go there. */
  readonly folder: string;
  /** Shell command that the guest runs in its copy of the checkout; its end is the machine's. */
  readonly command: string;
  /** One line of the guest's programs. */
  readonly onLine: (line: string) => void;
  /** One line of QEMU, or of the guest's kernel on its console. */
  readonly onConsoleLine: (line: string) => void;
}

export interface MachineEnd {
  /** Exit code of the guest's command; undefined when the machine ended before it did. */
  readonly guestCode: number | undefined;
  /** For people. */
  readonly text: string;
}

export interface Machine extends AsyncDisposable {
  readonly pid: number | undefined;
  /** As it was started: the proof that nothing but stock parts is in it. */
  readonly commandLine: readonly string[];
  /** Connected when the guest's programs open the control port. */
  readonly control: Promise<Socket>;
  readonly ended: Promise<MachineEnd>;
}

export async function startMachine(options: StartOptions): Promise<Machine> {
  const { kernel, initramfs } = prepareFiles(options);
  const listeners = new Map<keyof typeof port, Server>();
  const ports = {} as Record<keyof typeof port, string>;
  for (const name of Object.keys(port) as (keyof typeof port)[]) {
    ports[name] = join(options.folder, `${name}.port`);
    const listener = createServer();
    listener.listen(ports[name]);
    await once(listener, 'listening');
    listeners.set(name, listener);
  }
  const connected = (name: keyof typeof port) =>
    once(listeners.get(name) as Server, 'connection').then(([socket]) => socket as Socket);
  const control = connected('control');
  void connected('log').then((socket) => readLines(socket, options.onLine));
  let guestCode: number | undefined;
  void connected('result').then((socket) =>
    readLines(socket, (line) => {
      guestCode = Number(line);
    }),
  );

  const args = machineArguments({ ...options, kernel, initramfs, ports });
  // setpriv: the kernel kills QEMU when this process is gone, whatever ended it.
  const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', '--', qemuProgram, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  readLines(qemu.stdout, options.onConsoleLine);
  readLines(qemu.stderr, options.onConsoleLine);
  const ended = watchEnd(qemu, () => guestCode).finally(() => {
    for (const listener of listeners.values()) listener.close();
  });
  return {
    pid: qemu.pid,
    commandLine: [qemuProgram, ...args],
    control,
    ended,
    async [Symbol.asyncDispose]() {
      qemu.kill('SIGKILL');
      await ended;
    },
  };
}

async function watchEnd(qemu: ChildProcess, guestCode: () => number | undefined): Promise<MachineEnd> {
  try {
    const [code, signal] = (await once(qemu, 'close')) as [number | null, string | null];
    const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
    const said = guestCode();
    const text =
      said === undefined
        ? `QEMU ${how} before the guest was done`
        : `the guest's command exited with ${said}`;
    return { guestCode: said, text };
  } catch (error) {
    return { guestCode: undefined, text: `QEMU could not be started: ${(error as Error).message}` };
  }
}

/** Kernel and root are cached by what they are made of; only init is this run's. */
function prepareFiles({ files, cache, folder, command }: StartOptions): {
  kernel: string;
  initramfs: string;
} {
  mkdirSync(cache, { recursive: true });
  const kernel = join(cache, `vmlinux-${files.kernelVersion}`);
  if (!existsSync(kernel)) writeWhole(kernel, extractKernel(readFileSync(files.kernel)));
  const modules = orderModules(files.modulesFolder, wantedModules);
  const key = createHash('sha256')
    .update([process.version, files.kernelVersion, ...modules].join())
    .digest('hex');
  const root = join(cache, `root-${key.slice(0, 16)}.cpio`);
  if (!existsSync(root)) writeWhole(root, writeRoot({ busybox: files.busybox, modules }));
  const initramfs = join(folder, 'initramfs.cpio');
  writeFileSync(initramfs, Buffer.concat([readFileSync(root), writeInit(initScript(command))]));
  return { kernel, initramfs };
}

function writeWhole(path: string, content: Uint8Array): void {
  const building = `${path}.${process.pid}`;
  writeFileSync(building, content);
  renameSync(building, path);
}

function readLines(input: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  input.on('error', () => {});
  createInterface({ input }).on('line', onLine);
}
