/** The console as a process of its own, with a real ivshmem-server behind it and, where wanted, a real guest. */
import { orNone, type ServedProcesses, startGuestProcesses, startServer } from '@vsoc/testkit';
import { demoRegions } from '../src/regions.js';

const mib = 1024 * 1024;

const window = { regions: demoRegions, sizeBytes: 32 * mib, tailBytes: { gralloc_memory: 16 * mib } };

/** Server and console, and no guest. */
export async function startConsole() {
  return startConsoleBeside(await startServer(window));
}

async function startConsoleBeside(processes: ServedProcesses) {
  const console = await orNone(processes, () =>
    processes.start({ name: 'console', program: 'apps/console/dist/bin/console.js' }),
  );
  const { url, videoUrl } = (await console.ready) as { url: string; videoUrl: string };
  return {
    processes,
    server: processes.server,
    console,
    url,
    videoUrl,
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}

/** Everything that the demo runs: the guest's processes draw the moving pattern. */
export async function startConsoleWithGuest(size: { widthPx: number; heightPx: number }, fps: number) {
  const processes = await startGuestProcesses(window);
  await orNone(processes, async () => {
    await processes.start({ name: 'gralloc', program: 'apps/gralloc/dist/bin/allocator.js' });
    const args = ['--size', `${size.widthPx}x${size.heightPx}`, '--fps', String(fps)];
    await processes.start({ name: 'player', program: 'apps/player/dist/bin/player.js', args });
  });
  return startConsoleBeside(processes);
}
