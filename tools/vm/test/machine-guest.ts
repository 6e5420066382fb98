// The conformance suite's guest inside a machine: its processes are started by the agent there. The machine is booted once
// and outlives crashes of the guest driver, which is what a guest is to its HALs.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstPassedFd } from '@vsoc/process/launcher';
import {
  type GuestMachine,
  type GuestParts,
  type HalfProcess,
  openHalfProcess,
  type Reply,
} from '@vsoc/testkit/conformance';
import { layoutFromJson } from '@vsoc/vsoc/layout';
import {
  agentProgram,
  cacheFolder,
  fetchGuestFiles,
  type GuestAgent,
  type GuestChild,
  guestDriver,
  guestRunDir,
  type Machine,
  openAgent,
  prepareBootFiles,
  type StartOptions,
  startMachine,
} from '../src/index.js';

export const checkout = fileURLToPath(new URL('../../../', import.meta.url));

export interface MachineGuest extends GuestMachine, AsyncDisposable {
  /** Throws before the first boot. */
  readonly machine: Machine;
  readonly agent: GuestAgent;
  /** What the guest's programs and QEMU printed. */
  readonly lines: readonly string[];
  /** In place of a boot: a machine that is as `parts` say. */
  startOnly(parts: Partial<StartOptions>): Promise<MachineGuest>;
  /** The machine is killed and another one started, without its guest driver. */
  restart(): Promise<void>;
}

const runDirWords = ['--run-dir', guestRunDir];

/** `moduleUrl` of the checkout as the guest sees it. */
function inGuest(moduleUrl: string): string {
  const path = fileURLToPath(moduleUrl);
  if (!path.startsWith(checkout)) throw new Error(`${path} is not in the checkout, the guest cannot see it`);
  return `file:///vsoc/${path.slice(checkout.length)}`;
}

export function machineGuest({ processes, programs, moduleUrl }: GuestParts): MachineGuest {
  const lines: string[] = [];
  let machine: Machine | undefined;
  let agent: GuestAgent | undefined;
  let spare: Promise<HalfProcess> | undefined;
  let running: GuestChild[] = [];
  let isUp = false;
  let starts = 0;

  async function startIfNone(): Promise<void> {
    if (agent) return;
    agent = await openAgent(await newMachine({}));
    spare = launchHalf(agent);
  }

  async function newMachine(parts: Partial<StartOptions>): Promise<Machine> {
    const cache = cacheFolder();
    const layout = layoutFromJson(readFileSync(processes.paths.layoutFile, 'utf8'));
    machine = await startMachine({
      boot: await prepareBootFiles(await fetchGuestFiles(cache), cache),
      accelerator: 'tcg',
      checkout,
      folder: `${processes.runDir}/vm-${starts++}`,
      qemuSocket: processes.paths.qemuSocket,
      vectors: layout.regions.length,
      programs: [agentProgram],
      onLine: (line) => void lines.push(line),
      onConsoleLine: (line) => void lines.push(line),
      ...parts,
    });
    return machine;
  }

  async function launchHalf(from: GuestAgent): Promise<HalfProcess> {
    const child = from.start({
      name: 'guest-half',
      program: 'packages/testkit/dist/conformance/bin/half.js',
      args: ['--side', 'guest', '--module', inGuest(moduleUrl), '--control', String(firstPassedFd)],
      onLine: (line) => void lines.push(line),
      onSaid: (reply) => half.onReply(reply as Reply),
    });
    const half = openHalfProcess('guest', {
      send: (request) => child.send(request),
      gone: child.ended.then(({ text }) => text),
      kill: () => kill(child),
    });
    await child.ready;
    return half;
  }

  async function start(program: string, args: readonly string[] = runDirWords): Promise<void> {
    const name = basename(program, '.js');
    const child = current(agent).start({ name, program, args, onLine: (line) => void lines.push(line) });
    running.push(child);
    void child.ended.then(() => {
      if (running.includes(child)) isUp = false;
    });
    await child.ready;
  }

  async function end(): Promise<void> {
    running = [];
    isUp = false;
    agent = undefined;
    spare = undefined;
    await machine?.[Symbol.asyncDispose]();
  }

  const self: MachineGuest = {
    runDir: guestRunDir,
    slowTimer: 'off',
    lines,
    get machine() {
      return current(machine);
    },
    get agent() {
      return current(agent);
    },
    get isUp() {
      return isUp;
    },
    /** The next one is started at once: it takes seconds in the machine. */
    async startHalf() {
      const half = await (spare ?? launchHalf(current(agent)));
      spare = launchHalf(current(agent));
      spare.catch(() => {}); // told to who takes it
      return half;
    },
    async boot() {
      await startIfNone();
      await start(guestDriver.program, [...guestDriver.args, '--no-slow-timer']);
      for (const program of programs) await start(program);
      isUp = true;
    },
    async crash() {
      const [driver, ...others] = running;
      running = [];
      isUp = false;
      if (driver) await kill(driver);
      for (const other of others) await other.ended;
    },
    async startOnly(parts) {
      await newMachine(parts);
      return self;
    },
    async restart() {
      await end();
      await startIfNone();
    },
    [Symbol.asyncDispose]: end,
  };
  return self;
}

async function kill(child: GuestChild): Promise<void> {
  child.kill('SIGKILL');
  await child.ended;
}

function current<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the machine has not been started');
  return part;
}
