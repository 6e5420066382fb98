#!/usr/bin/env node
// stats --run-dir DIR [--png FILE] [--watch SECONDS]: what the graphics memory holds, as a table and as a picture. A guest
// process that only reads: the table of buffers, never a pixel. Ctrl-C ends a watch early; what was seen is shown.
import { constants, existsSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import sharp from 'sharp';
import { grallocManager, grallocMemory } from '../layout.js';
import { memoryPicture } from '../picture/picture.js';
import { spaceOf } from '../space.js';
import { openRecorder, type Recording } from '../statistics/lives.js';
import { type MemoryStatistics, statisticsOf } from '../statistics/statistics.js';
import { snapshotTable, type TableSnapshot } from '../statistics/table-snapshot.js';
import { memoryText, recordingText } from '../statistics/terminal.js';

const lookMs = 20;
const longestWatchS = 3600;

const usageText = 'stats --run-dir DIR [--png FILE] [--watch SECONDS]';

interface PngFile {
  readonly path: string;
  /** Open for writing, until this process ends. */
  readonly fd: number;
}

interface StatsArguments {
  readonly runDir: string;
  readonly png: PngFile | undefined;
  readonly watchMs: number | undefined;
}

try {
  start(readArguments());
} catch (error) {
  process.stderr.write(`stats: ${(error as Error).message}\n(${usageText})\n`);
  process.exitCode = 1;
}

/** Throws with what was expected: a watch of an hour must not end with a picture that cannot be written. */
function readArguments(): StatsArguments {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      png: { type: 'string' },
      watch: { type: 'string' },
    },
  });
  const { 'run-dir': runDir, png: path, watch } = values;
  if (!existsSync(runPaths(runDir).controlSocket))
    throw new Error(`--run-dir ${runDir}: no guest driver runs there`);
  const watchMs = watchMsOf(watch);
  return { runDir, watchMs, png: path === undefined ? undefined : { path, fd: openPng(path) } };
}

/** An older picture stays until the new one is there. */
function openPng(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_CREAT);
  } catch (error) {
    throw new Error(`--png ${path}: nothing can be written there (${(error as NodeJS.ErrnoException).code})`);
  }
}

function watchMsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (/^[0-9.]+$/.test(text) && seconds > 0 && seconds <= longestWatchS) return seconds * 1000;
  throw new Error(`--watch ${text}: expected seconds, more than 0 and at most ${longestWatchS}`);
}

function start({ runDir, png, watchMs }: StatsArguments): void {
  runMain(
    'gralloc-stats',
    async ({ signal }) => {
      using device = await openGuest({ deviceDirectory: runPaths(runDir).deviceDir });
      using manager = await device.open(grallocManager);
      using memory = await device.openManaged(grallocMemory);
      const space = await spaceOf(memory);
      const recorder = watchMs === undefined ? undefined : openRecorder(space);
      const ticking = ticks(watchMs ?? 0, AbortSignal.any([signal, device.lost]));
      let last: TableSnapshot;
      do {
        last = snapshotTable(manager.data, () => process.hrtime.bigint());
        recorder?.look(last);
      } while (!(await ticking.next()).done);
      if (device.lost.aborted) throw device.lost.reason;
      // Tables and both halves of the picture show the last look.
      const statistics = statisticsOf(last, { space, isAlive });
      const recording = recorder?.recording();
      say(memoryText(statistics));
      if (recording) say(recordingText(recording));
      if (png) await writePicture(png, statistics, recording);
    },
    { readableLog: true },
  );
}

/** One every 20 ms for so long; ends early when told to. */
async function* ticks(lastingMs: number, ending: AbortSignal): AsyncGenerator<void> {
  const endMs = performance.now() + lastingMs;
  for (let leftMs = lastingMs; leftMs > 0; leftMs = endMs - performance.now()) {
    await setTimeout(Math.min(lookMs, leftMs), undefined, { signal: ending }).catch(() => {});
    if (ending.aborted) return;
    yield;
  }
}

/** Signal 0 only asks. Another user's process is there as well; numbers that no process can have are not asked about. */
function isAlive(pid: number): boolean {
  if (pid < 1 || pid > 0x7fff_ffff) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function writePicture(
  { path, fd }: PngFile,
  statistics: MemoryStatistics,
  recording?: Recording,
): Promise<void> {
  const { svg, widthPx, heightPx } = memoryPicture(statistics, recording);
  const png = await sharp(Buffer.from(svg)).png({ compressionLevel: 9 }).toBuffer();
  ftruncateSync(fd);
  writeFileSync(fd, png);
  say(`${path}: ${widthPx}×${heightPx} px, ${png.byteLength} B`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
