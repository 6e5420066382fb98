/** The console as a process of its own, with a real ivshmem-server behind it and, where wanted, a real guest. */
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

/** Everything that the demo runs: the guest's processes draw the moving pattern. */
export async function startConsoleWithGuest(size: { widthPx: number; heightPx: number }, fps: number) {
  const started = await startConsole({ watchdogMs: 60_000 });
  const { processes } = started;
  await processes.start({
    name: 'guest-driver',
    program: 'apps/guest-driver/dist/bin/guest-driver.js',
  });
  await processes.start({ name: 'gralloc', program: 'apps/gralloc/dist/bin/allocator.js' });
  const args = ['--size', `${size.widthPx}x${size.heightPx}`, '--fps', String(fps)];
  await processes.start({ name: 'player', program: 'apps/player/dist/bin/player.js', args });
  return started;
}
