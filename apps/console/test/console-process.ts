/** The console as a process of its own, with a real ivshmem-server behind it. */
import { writeFileSync } from 'node:fs';
import { startProcesses, type TestProcesses } from '@vsoc/testkit';
import { layoutToJson, planWindow } from '@vsoc/vsoc/layout';
import { demoRegions } from '../src/regions.js';

const mib = 1024 * 1024;

export async function startConsole(options: { watchdogMs?: number } = {}) {
  const processes: TestProcesses = startProcesses(options);
  const layout = planWindow(demoRegions, { sizeBytes: 32 * mib, tailBytes: { gralloc_memory: 16 * mib } });
  writeFileSync(processes.paths.layoutFile, layoutToJson(layout), { mode: 0o600 });
  const server = await processes.start({
    name: 'ivshmem-server',
    program: 'apps/ivshmem-server/dist/bin/server.js',
  });
  const console = await processes.start({ name: 'console', program: 'apps/console/dist/bin/console.js' });
  const { url, videoUrl } = (await console.ready) as { url: string; videoUrl: string };
  return {
    processes,
    server,
    console,
    url,
    videoUrl,
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}
