// Where a lab plays: a server, a guest driver and this process as a guest process, all real, in a run directory that is
// gone afterwards. More processes come as the lab wants them.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createRunDirectory, runPaths } from '@vsoc/process';
import { type Child, formatLogLine, openProcessGroup, type ProcessGroup } from '@vsoc/process/launcher';
import { type GuestDevice, openGuest } from '@vsoc/vsoc/guest';
import { layoutToJson, planWindow } from '@vsoc/vsoc/layout';
import { labRegions } from './regions.js';

export interface Peer {
  readonly child: Child;
  /** Stops it, until it gets a SIGCONT; resolves once it stands still. */
  hold(): Promise<void>;
  /** What it reports next; rejects when it ends before. */
  next<Report extends object>(): Promise<Report>;
  /** The same, or undefined when nothing has come in time. */
  nextWithin<Report extends object>(timeoutMs: number): Promise<Report | undefined>;
}

export interface Stage extends AsyncDisposable {
  readonly device: GuestDevice;
  /** Starts another program of the labs; resolves when it is ready. */
  start(program: 'sleeper' | 'holder', ...args: string[]): Promise<Peer>;
}

const rootDir = fileURLToPath(new URL('../../../', import.meta.url));

export async function openStage(signal: AbortSignal): Promise<Stage> {
  const runDir = createRunDirectory(`lab-${process.pid}`);
  const paths = runPaths(runDir);
  const group = openProcessGroup(runDir);
  try {
    writeFileSync(paths.layoutFile, layoutToJson(planWindow(labRegions)), { mode: 0o600 });
    for (const name of ['apps/ivshmem-server/dist/bin/server', 'apps/guest-driver/dist/bin/guest-driver']) {
      await group.launch({ name, program: `${rootDir}${name}.js`, onLine: warnOf }).ready;
    }
    const device = await openGuest({ deviceDirectory: paths.deviceDir });
    return {
      device,
      start: (program, ...args) => startPeer({ group, signal }, program, args),
      async [Symbol.asyncDispose]() {
        device[Symbol.dispose]();
        await group.close();
      },
    };
  } catch (error) {
    await group.close();
    throw error;
  }
}

/** The state that the kernel gives behind the name, which stands in brackets. */
function isStopped(pid: number | undefined): boolean {
  return / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1)?.slice(0, 3) ?? '');
}

/** Of what the programs log, only what went wrong. */
function warnOf(line: string): void {
  if (/"level":[456]0/.test(line)) process.stderr.write(`${formatLogLine(line)}\n`);
}

interface Ensemble {
  readonly group: ProcessGroup;
  readonly signal: AbortSignal;
}

async function startPeer({ group, signal }: Ensemble, program: string, args: string[]): Promise<Peer> {
  const reports: object[] = [];
  const arrivals = new EventTarget();
  const child = group.launch({
    name: program,
    program: fileURLToPath(new URL(`./bin/${program}.js`, import.meta.url)),
    args,
    onLine: warnOf,
    onReport(report) {
      reports.push(report);
      arrivals.dispatchEvent(new Event('report'));
    },
  });
  await child.ready;

  async function nextWithin(timeoutMs: number): Promise<object | undefined> {
    // Held by its timer: AbortSignal.timeout behind AbortSignal.any may be collected before its time in Node 20.
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeoutMs);
    const ending = AbortSignal.any([signal, late.signal]);
    while (reports.length === 0 && !ending.aborted) {
      await once(arrivals, 'report', { signal: ending }).catch(() => {});
    }
    clearTimeout(timer);
    signal.throwIfAborted();
    return reports.shift();
  }
  return {
    child,
    async hold() {
      child.kill('SIGSTOP');
      while (!isStopped(child.pid)) await nextTurn();
    },
    nextWithin: (timeoutMs) => nextWithin(timeoutMs) as Promise<never>,
    async next() {
      const report = await nextWithin(10_000);
      if (report === undefined) throw new Error(`${program} has said nothing for 10 s`);
      return report as never;
    },
  };
}
