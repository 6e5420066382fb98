// The real server and the real guest driver, without slow timers, for the stress runs of this folder.
import type { Child } from '@vsoc/process/launcher';
import { startGuestProcesses, type TestProcesses } from '@vsoc/testkit';
import { system } from '@vsoc/vsoc/layout';
import { claimedRegion, claimsRegion, stressRegion } from '../src/stress/region.js';

export interface StressWorld extends AsyncDisposable {
  readonly processes: TestProcesses;
  readonly server: Child;
  readonly driver: Child;
  /** Starts a program of src/stress; `reports` gets what it reports. */
  start(program: string, args: Readonly<Record<string, string | number>>): Promise<StressProcess>;
}

export interface StressProcess {
  readonly child: Child;
  /** The first report that has `key`. Rejects with a report of being stuck, and when the process ends before. */
  reported<T>(key: string): Promise<T>;
}

export async function startStressWorld(watchdogMs: number): Promise<StressWorld> {
  const processes = await startGuestProcesses({
    regions: [system, stressRegion, claimsRegion, claimedRegion],
    driverArgs: ['--no-slow-timer'],
    watchdogMs,
  });
  const { server, driver } = processes;
  return {
    processes,
    server,
    driver,
    start: (program, args) => startStress(processes, program, args),
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}

async function startStress(
  processes: TestProcesses,
  program: string,
  args: Readonly<Record<string, string | number>>,
): Promise<StressProcess> {
  const reports: Record<string, unknown>[] = [];
  let onNews = () => {};
  const child = await processes.start({
    name: program,
    program: `packages/testkit/dist/stress/${program}.js`,
    args: Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]),
    onReport(report) {
      reports.push(report as Record<string, unknown>);
      onNews();
    },
  });
  return {
    child,
    reported: <T>(key: string) =>
      new Promise<T>((resolve, reject) => {
        onNews = () => {
          for (const report of reports) {
            if ('stuck' in report) reject(new Error(`${program} is stuck: ${JSON.stringify(report.stuck)}`));
            if (key in report) resolve(report[key] as T);
          }
        };
        onNews();
        void child.ended.then(({ text }) =>
          reject(new Error(`${program} ${text} before it reported ${key}`)),
        );
      }),
  };
}
