// What the demo costs while nothing moves: processor time of all its processes together, and each one's memory. One
// viewer watches. A bare Node process of the same run is what memory is compared with.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { repository, startDemo } from '../demo.js';
import { type Program, programsBelow, readCpuMs, readMemory } from '../proc.js';
import { goalRow, type MeasuredRow, row } from '../row.js';
import { writeStillPicture } from '../still-picture.js';

const name = 'budget/still';
const settleMs = 3_000;
const watchMs = 5_000;
/** A frame in which nothing changed may cost 0.1 ms, and 60 of them are offered in a second. */
const goalCpuMsPerSecond = 6;
const mib = 1024 * 1024;

/** RSS of a Node process that does nothing, its event loop kept alive by its standard input. */
async function bareNodeBytes(signal: AbortSignal): Promise<number> {
  const code = "process.stdin.resume(); process.stdout.write('.')";
  // Its standard input ends with this process, and so does it.
  const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data', { signal });
    await sleep(500, undefined, { signal });
    return readMemory(child.pid ?? 0).rssBytes;
  } finally {
    child.kill('SIGKILL');
  }
}

/** Processor time of each program for a second of doing nothing. */
async function measureCpu(programs: readonly Program[], signal: AbortSignal) {
  const startMs = performance.now();
  const before = programs.map(({ pid }) => readCpuMs(pid));
  await sleep(watchMs, undefined, { signal });
  const seconds = (performance.now() - startMs) / 1000;
  return programs.map((program, at) => ({
    program,
    msPerSecond: (readCpuMs(program.pid) - (before[at] ?? 0)) / seconds,
  }));
}

function memoryRow({ pid, name: program }: Program, bareBytes: number): MeasuredRow {
  const { rssBytes, sharedBytes } = readMemory(pid);
  return row({
    name: `${name}/rss/${program}`,
    unit: 'MiB',
    ours: rssBytes / mib,
    anchor: bareBytes / mib,
    anchorName: 'bare node',
    ...(sharedBytes > mib && {
      note: `${Math.round(sharedBytes / mib)} MiB of it are shared memory: the window`,
    }),
  });
}

export const still: Bench = {
  name,
  about: "idle CPU of a still picture with one viewer, and each process's RSS",
  async run({ signal }) {
    const folder = mkdtempSync(join(tmpdir(), 'vsoc-still-'));
    try {
      const picture = join(folder, 'still.png');
      writeStillPicture(picture, { widthPx: 1280, heightPx: 720 });
      await using demo = await startDemo({ folder: repository, args: ['--play', picture] }, signal);
      const programs = programsBelow(demo.pid);
      await sleep(settleMs, undefined, { signal });
      const spent = await measureCpu(programs, signal);
      const bare = await bareNodeBytes(signal);
      return [
        goalRow({
          name: `${name}/cpu`,
          unit: 'ms/s',
          ours: spent.reduce((sum, { msPerSecond }) => sum + msPerSecond, 0),
          goal: goalCpuMsPerSecond,
          note: spent
            .map(({ program, msPerSecond }) => `${program.name} ${msPerSecond.toFixed(1)}`)
            .join(', '),
        }),
        ...programs.map((program) => memoryRow(program, bare)),
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
