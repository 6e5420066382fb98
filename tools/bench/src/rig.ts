// The real programs in a run directory of their own: ivshmem-server and guest-driver, for the benches that want the
// whole way. They end with the rig, and with this process if it is killed.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createRunDirectory, type RunPaths, runPaths } from '@vsoc/process';
import { type Child, openProcessGroup } from '@vsoc/process/launcher';
import { layoutToJson, type PlanOptions, planWindow, type RegionDefinition } from '@vsoc/vsoc/layout';

const apps = fileURLToPath(new URL('../../../apps/', import.meta.url));

export interface Rig extends AsyncDisposable {
  readonly paths: RunPaths;
  readonly server: Child;
  readonly guestDriver: Child;
  /** Starts a further program with `--run-dir` and waits until it is ready. */
  start(name: string, program: string, args?: readonly string[]): Promise<Child>;
}

/** `regions` in the order of the window, region 0 included. */
export async function openRig(regions: readonly RegionDefinition[], options: PlanOptions = {}): Promise<Rig> {
  const runDir = createRunDirectory(`bench-${process.pid}`);
  const paths = runPaths(runDir);
  const group = openProcessGroup(runDir);
  async function start(name: string, program: string, args: readonly string[] = []): Promise<Child> {
    const child = group.launch({ name, program: `${apps}${program}`, args, env: { VSOC_LOG_LEVEL: 'warn' } });
    await child.ready;
    return child;
  }
  try {
    writeFileSync(paths.layoutFile, layoutToJson(planWindow(regions, options)));
    const server = await start('ivshmem-server', 'ivshmem-server/dist/bin/server.js');
    const guestDriver = await start('guest-driver', 'guest-driver/dist/bin/guest-driver.js');
    return { paths, server, guestDriver, start, [Symbol.asyncDispose]: () => group.close() };
  } catch (error) {
    await group.close();
    throw error;
  }
}
