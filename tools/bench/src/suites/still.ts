// What the demo costs while nothing moves: processor time of all its processes together, and each one's memory. One
// viewer watches. A bare Node process of the same run is what memory is compared with.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { buildFolder } from '../c-program.js';
import { repository, startDemo } from '../demo.js';
import { type Program, programsBelow, readCpuMs, readMemory, spentMs } from '../proc.js';
import { goalRow, type MeasuredRow, row } from '../row.js';
import { median } from '../statistics.js';
import { writeStillPicture } from '../still-picture.js';

const name = 'budget/still';
/** V8 tidies each young process up once, some eight seconds after its start (tens of ms): not what is asked here. */
const settleMs = 12_000;
const watchMs = 5_000;
const watches = 3;
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

interface Spending {
  readonly program: Program;
  readonly msPerSecond: number;
}

/** Processor time of each program for a second of doing nothing. */
async function measureCpu(programs: readonly Program[], signal: AbortSignal): Promise<readonly Spending[]> {
  const startMs = performance.now();
  const before = programs.map(({ pid }) => readCpuMs(pid));
  await sleep(watchMs, undefined, { signal });
  const seconds = (performance.now() - startMs) / 1000;
  return programs.map((program, at) => ({
    program,
    msPerSecond: spentMs(before[at] ?? new Map(), readCpuMs(program.pid)) / seconds,
  }));
}

function cpuRow(windows: readonly (readonly Spending[])[]): MeasuredRow {
  const total = (window: readonly Spending[]) =>
    window.reduce((sum, { msPerSecond }) => sum + msPerSecond, 0);
  const parts = windows.map((window) =>
    window.map(({ program, msPerSecond }) => `${program.name} ${msPerSecond.toFixed(1)}`).join(', '),
  );
  return goalRow({
    name: `${name}/cpu`,
    unit: 'ms/s',
    ours: median(windows.map(total)),
    goal: goalCpuMsPerSecond,
    note: `median of ${watches} × ${watchMs / 1000} s: ${parts.join(' · ')}`,
  });
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
    mkdirSync(buildFolder, { recursive: true });
    const picture = `${buildFolder}still.png`;
    writeStillPicture(picture, { widthPx: 1280, heightPx: 720 });
    await using demo = await startDemo({ folder: repository, args: ['--play', picture] }, signal);
    const programs = programsBelow(demo.pid);
    await sleep(settleMs, undefined, { signal });
    const windows = [];
    while (windows.length < watches) windows.push(await measureCpu(programs, signal));
    const bare = await bareNodeBytes(signal);
    return [cpuRow(windows), ...programs.map((program) => memoryRow(program, bare))];
  },
};
