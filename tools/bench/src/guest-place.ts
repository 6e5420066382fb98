// The same window and the same guest programs twice: as local processes, and in a virtual machine.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRunDirectory, type RunPaths, runPaths } from '@vsoc/process';
import { type Child, launch, openProcessGroup } from '@vsoc/process/launcher';
import {
  agentProgram,
  cacheFolder,
  checkRequirements,
  fetchGuestFiles,
  guestDriver,
  guestRunDir,
  openAgent,
  prepareBootFiles,
  startMachine,
} from '@vsoc/vm';
import { layoutToJson, type WindowLayout } from '@vsoc/vsoc/layout';
import { repository } from './demo.js';

export interface GuestPlace extends AsyncDisposable {
  /** Of the host. */
  readonly paths: RunPaths;
  /** As the guest's programs see it. */
  readonly guestRunDir: string;
  /** `program` from the repository's root; resolves when it is ready. */
  start(program: string, args: readonly string[]): Promise<RunningProgram>;
}

export interface RunningProgram {
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

type Place = 'embedded' | 'machine';

/** Server, and the guest up to its driver. */
export async function openGuestPlace(place: Place, layout: WindowLayout): Promise<GuestPlace> {
  const runDir = createRunDirectory(`bench-${place}-${process.pid}`);
  const paths = runPaths(runDir);
  const group = openProcessGroup(runDir);
  const env = { VSOC_LOG_LEVEL: 'warn' };
  const own = async (name: string, program: string) => {
    await group.launch({ name, program: `${repository}${program}`, env }).ready;
  };
  const started: Child[] = [];
  async function local(program: string, args: readonly string[]): Promise<RunningProgram> {
    const child = launch({ name: program, program: `${repository}${program}`, args, env });
    started.push(child);
    await child.ready;
    return { kill: () => killed(child) };
  }
  let endMachine = async () => {};
  const end = async () => {
    await endMachine();
    for (const child of started) await killed(child);
    await group.close();
  };
  try {
    writeFileSync(paths.layoutFile, layoutToJson(layout));
    await own('ivshmem-server', 'apps/ivshmem-server/dist/bin/server.js');
    if (place === 'embedded') {
      await own(guestDriver.name, guestDriver.program);
      return { paths, guestRunDir: runDir, start: local, [Symbol.asyncDispose]: end };
    }
    const machine = await bootMachine(paths, layout);
    endMachine = async () => machine[Symbol.asyncDispose]();
    const agent = await openAgent(machine);
    const start = async (program: string, args: readonly string[]): Promise<RunningProgram> => {
      const child = agent.start({ name: program, program, args });
      await child.ready;
      return { kill: () => killed(child) };
    };
    await start(guestDriver.program, guestDriver.args);
    return { paths, guestRunDir, start, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function killed(child: { kill(signal: 'SIGKILL'): void; ended: Promise<unknown> }): Promise<void> {
  child.kill('SIGKILL');
  await child.ended;
}

async function bootMachine(paths: RunPaths, layout: WindowLayout) {
  checkRequirements();
  const cache = cacheFolder();
  return startMachine({
    boot: await prepareBootFiles(await fetchGuestFiles(cache), cache),
    accelerator: 'tcg',
    checkout: repository,
    folder: join(paths.runDir, 'vm'),
    qemuSocket: paths.qemuSocket,
    vectors: layout.regions.length,
    programs: [agentProgram],
    onLine: () => {},
    onConsoleLine: () => {},
  });
}
