// One virtual machine: QEMU started, its output taken in, its end told. QEMU dies with the process that started it,
// SIGKILL included.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { checkSocketPath } from '@vsoc/process';
import type { BootFiles } from './boot-files.js';
import { type GuestProgram, moduleMark, port, programsScript } from './init.js';
import { readLines } from './lines.js';
import { type MachineOptions, machineArguments, qemuProgram } from './qemu.js';
import { boundToThisProcess } from './tool.js';

export interface StartOptions
  extends Pick<MachineOptions, 'checkout' | 'qemuSocket' | 'vectors' | 'accelerator' | 'processors'> {
  readonly boot: BootFiles;
  /** Made for this machine and removed with it: sockets and the programs' script go there. */
  readonly folder: string;
  readonly programs: readonly GuestProgram[];
  /** Added to the programs' environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** One line of the guest's programs. */
  readonly onLine: (line: string) => void;
  /** One line of QEMU, or of the guest's kernel on its console. */
  readonly onConsoleLine: (line: string) => void;
}

export interface MachineEnd {
  /** Exit code of the guest's first program that ended; undefined when the machine ended before. */
  readonly guestCode: number | undefined;
  /** For people. */
  readonly text: string;
}

export interface Machine extends AsyncDisposable {
  readonly pid: number | undefined;
  /** As it was started: the proof that nothing but stock parts is in it. */
  readonly commandLine: readonly string[];
  /** Of the guest, in the form of /proc/modules' first column; whole once a program has said something. */
  readonly modules: readonly string[];
  /** The host's end of the control port; bytes reach the guest once one of its programs opens the other. */
  readonly control: Promise<Socket>;
  readonly ended: Promise<MachineEnd>;
}

type PortName = keyof typeof port;

export async function startMachine(options: StartOptions): Promise<Machine> {
  const { folder } = options;
  mkdirSync(folder, { mode: 0o700 });
  const script = join(folder, 'programs.sh');
  writeFileSync(script, programsScript(options.programs, options.env));
  const ports = await listenToPorts(folder);
  const modules: string[] = [];
  let firstEnd: string | undefined;
  ports.onConnection('log', (socket) => {
    readLines(socket, (line) => {
      if (line.startsWith(moduleMark)) modules.push(line.slice(moduleMark.length));
      else options.onLine(line);
    });
  });
  ports.onConnection('result', (socket) => {
    readLines(socket, (line) => {
      firstEnd = line;
    });
  });
  const control = new Promise<Socket>((resolve) => ports.onConnection('control', resolve));

  const args = machineArguments({ ...options, ...options.boot, script, ports: ports.paths });
  const qemu = spawn(...boundToThisProcess(qemuProgram, args), { stdio: ['ignore', 'pipe', 'pipe'] });
  let lastConsoleLine = '';
  const onConsoleLine = (line: string) => {
    // What follows a panic explains nothing.
    if (line.trim() !== '' && !lastConsoleLine.includes('Kernel panic')) lastConsoleLine = line.trim();
    options.onConsoleLine(line);
  };
  readLines(qemu.stdout, onConsoleLine);
  readLines(qemu.stderr, onConsoleLine);
  const ended = watchEnd(qemu, () => ({ firstEnd, lastConsoleLine })).finally(() => {
    ports.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    pid: qemu.pid,
    commandLine: [qemuProgram, ...args],
    modules,
    control,
    ended,
    async [Symbol.asyncDispose]() {
      qemu.kill('SIGKILL');
      await ended;
    },
  };
}

async function listenToPorts(folder: string) {
  const listeners = new Map<PortName, Server>();
  const paths = {} as Record<PortName, string>;
  for (const name of Object.keys(port) as PortName[]) {
    paths[name] = checkSocketPath(join(folder, `${name}.port`));
    const listener = createServer();
    listener.listen(paths[name]);
    await once(listener, 'listening');
    listeners.set(name, listener);
  }
  return {
    paths,
    onConnection: (name: PortName, act: (socket: Socket) => void) =>
      void listeners.get(name)?.once('connection', (socket: Socket) => {
        socket.on('error', () => {}); // the end of the machine tells
        act(socket);
      }),
    close() {
      for (const listener of listeners.values()) listener.close();
    },
  };
}

interface LastWords {
  /** What the guest's init said: the exit code and the name of its first program that ended. */
  readonly firstEnd: string | undefined;
  readonly lastConsoleLine: string;
}

async function watchEnd(qemu: ChildProcess, lastWords: () => LastWords): Promise<MachineEnd> {
  try {
    const [code, signal] = (await once(qemu, 'close')) as [number | null, string | null];
    const how = signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
    const { firstEnd, lastConsoleLine } = lastWords();
    const [, guestCode, name] = firstEnd?.match(/^(\d+) (.*)$/) ?? [];
    if (guestCode === undefined) {
      const why = lastConsoleLine === '' ? '' : `; on its console: ${lastConsoleLine}`;
      return { guestCode: undefined, text: `QEMU ${how}${why}` };
    }
    return { guestCode: Number(guestCode), text: `the guest's ${name} ${howGuestEnded(Number(guestCode))}` };
  } catch (error) {
    return { guestCode: undefined, text: `QEMU could not be started: ${(error as Error).message}` };
  }
}

/** A shell's exit code: above 128 it stands for a signal. */
function howGuestEnded(code: number): string {
  return code > 128 ? `was ended by signal ${code - 128}` : `exited with code ${code}`;
}
