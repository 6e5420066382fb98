// Where halves run. The cases know these interfaces alone; the embedded guest's processes are behind them here, a
// virtual machine's can be.

import { Socket } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSocketPair } from '@vsoc/native';
import { type Child, firstPassedFd } from '@vsoc/process/launcher';
import type { SlowTimerMode } from '@vsoc/vsoc/signalling';
import type { TestProcesses } from '../processes.js';
import type { Side } from './hal.js';
import { type HalfProcess, openHalfProcess } from './half-process.js';
import { openJsonLines } from './json-lines.js';
import type { Reply } from './messages.js';

/** Starts processes that hold halves of one side. */
export interface HalfStarter {
  startHalf(): Promise<HalfProcess>;
}

export interface GuestMachine extends HalfStarter {
  /** As the guest's own processes see it. */
  readonly runDir: string;
  /**
   * 'off' where a ring cannot be listened to, since the guest's virtual machine monitor takes it away: then nothing but a
   * ring can have ended a wait.
   */
  readonly slowTimer: SlowTimerMode;
  /** By the time it resolves, device nodes are open and the guest's own programs run. */
  boot(): Promise<void>;
  /** The guest's kernel part dies without a word; resolves when all of the guest but its halves is gone. */
  crash(): Promise<void>;
  /** False as soon as any of it has ended, told or not. */
  readonly isUp: boolean;
}

export interface GuestParts {
  /** Of the run that the guest belongs to; ends what was started in it. */
  readonly processes: TestProcesses;
  /** The guest's own programs, besides its driver. */
  readonly programs: readonly string[];
  /** Where half processes find the HALs. */
  readonly moduleUrl: string;
}

const driverProgram = 'apps/guest-driver/dist/bin/guest-driver.js';
const halfProgram = fileURLToPath(new URL('../../dist/conformance/bin/half.js', import.meta.url));

/** What a launcher hands on follows behind its own descriptors. */
const controlFd = firstPassedFd;

/** Processes of this machine that load the module at `moduleUrl` for the HALs it describes. */
export function localHalves(side: Side, processes: TestProcesses, moduleUrl: string): HalfStarter {
  return {
    async startHalf() {
      const [mine, theirs] = createSocketPair('stream');
      using _given = theirs;
      const socket = new Socket({ fd: mine.release(), readable: true, writable: true });
      const child = await processes.start({
        name: `${side}-half`,
        program: halfProgram,
        args: ['--side', side, '--module', moduleUrl, '--control', String(controlFd)],
        fds: [theirs.fd],
      });
      void child.ended.then(() => socket.destroy());
      const lines = openJsonLines(socket, (reply) => half.onReply(reply as Reply));
      const half = openHalfProcess(side, {
        send: (request) => lines.send(request),
        gone: child.ended.then(({ text }) => text),
        kill: () => kill(child),
      });
      return half;
    },
  };
}

/** The guest driver, and what else the guest consists of, as processes of this machine. */
export function embeddedGuest({ processes, programs, moduleUrl }: GuestParts): GuestMachine {
  let running: Child[] = [];
  let isUp = false;

  async function start(program: string): Promise<void> {
    const child = await processes.start({ name: basename(program, '.js'), program });
    running.push(child);
    void child.ended.then(() => {
      if (running.includes(child)) isUp = false;
    });
  }

  return {
    ...localHalves('guest', processes, moduleUrl),
    runDir: processes.runDir,
    slowTimer: 'on',
    get isUp() {
      return isUp;
    },
    async boot() {
      for (const program of [driverProgram, ...programs]) await start(program);
      isUp = true;
    },
    async crash() {
      const [driver, ...others] = running;
      running = [];
      isUp = false;
      if (driver) await kill(driver);
      // They hear of it and end; their exit code says that it was not in order.
      for (const other of others) await other.ended;
    },
  };
}

async function kill(child: Child): Promise<void> {
  child.kill('SIGKILL');
  await child.ended;
}
