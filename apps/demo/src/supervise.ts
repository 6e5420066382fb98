// Starts the programs of a run, each as soon as those it builds on are ready, and waits for the first end:
// asked for, or of one of the programs. It does not end the others: that is the owner's of the process group.

import type { Child, Ended, ProcessGroup } from '@vsoc/process/launcher';
import { formatLogLine } from '@vsoc/process/launcher';
import type { Screen } from './screen.js';

export interface Program {
  readonly name: string;
  /** For people, in a few words. */
  readonly what: string;
  /** What its end means, where the program's name does not say it. */
  readonly endMeans?: string;
  /** Names of programs that must be ready first; they stand before it in the list. */
  readonly after: readonly string[];
  readonly program: string;
  readonly args?: readonly string[];
  readonly stdin?: 'inherit';
  /** What it prints is shown under its name, and its end with code 0 is the good end of the run. */
  readonly speaks?: boolean;
}

export type RunEnd = { readonly kind: 'asked' | 'done' } | { readonly kind: 'died'; readonly text: string };

export interface SuperviseOptions {
  readonly signal: AbortSignal;
  readonly screen: Screen;
  readonly onReport?: (name: string, report: object) => void;
}

export interface Supervision {
  /** By name, what each program said when it became ready. Rejects when one of them ends before. */
  readonly ready: Promise<ReadonlyMap<string, object>>;
  /** Never rejects. */
  readonly end: Promise<RunEnd>;
}

export function supervise(
  run: ProcessGroup,
  programs: readonly Program[],
  options: SuperviseOptions,
): Supervision {
  checkOrder(programs);
  const { signal, screen } = options;
  const started = new Map<string, Promise<object>>();
  const end = new Promise<RunEnd>((resolve) => {
    const onAbort = () => resolve({ kind: 'asked' });
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    for (const program of programs) started.set(program.name, start(program, resolve));
  });

  async function start(program: Program, resolveEnd: (end: RunEnd) => void): Promise<object> {
    await Promise.all(program.after.map((name) => started.get(name)));
    signal.throwIfAborted();
    try {
      const child = launchProgram(program);
      screen.print(describe(program, child));
      void child.ended.then((ended) => {
        const isDone = program.speaks === true && ended.code === 0;
        resolveEnd(isDone ? { kind: 'done' } : meaningOf(program, ended));
      });
      return child.ready;
    } catch (error) {
      resolveEnd({ kind: 'died', text: `${program.name} could not be started: ${error}` });
      throw error;
    }
  }

  function launchProgram(program: Program): Child {
    const label = program.speaks ? `${program.name.padEnd(8)} | ` : '';
    return run.launch({
      name: program.name,
      program: program.program,
      ...(program.args && { args: program.args }),
      ...(program.stdin && { stdin: program.stdin }),
      onLine: (line) => screen.print(`${label}${formatLogLine(line)}`),
      onReport: (report) => options.onReport?.(program.name, report),
    });
  }

  const ready = allOf(started);
  ready.catch(() => {}); // `end` tells the same, and better
  return { ready, end };
}

async function allOf(started: ReadonlyMap<string, Promise<object>>): Promise<ReadonlyMap<string, object>> {
  const entries = await Promise.all(
    [...started].map(async ([name, info]): Promise<[string, object]> => [name, await info]),
  );
  return new Map(entries);
}

function checkOrder(programs: readonly Program[]): void {
  const before = new Set<string>();
  for (const { name, after } of programs) {
    const missing = after.find((other) => !before.has(other));
    if (missing !== undefined)
      throw new Error(`${name} comes after ${missing}, which is not before it in the list`);
    before.add(name);
  }
}

function meaningOf(program: Program, ended: Ended): RunEnd {
  const meaning = program.endMeans === undefined ? '' : ` (${program.endMeans})`;
  const reason = ended.lastError === undefined ? '' : `: ${ended.lastError}`;
  return { kind: 'died', text: `${program.name} ${ended.text}${meaning}${reason}` };
}

function describe(program: Program, child: Child): string {
  return `${program.name.padEnd(15)} pid ${String(child.pid ?? 'none').padEnd(8)} ${program.what}`;
}
