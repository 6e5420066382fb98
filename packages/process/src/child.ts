// Starts one program and watches it: which descriptors it gets, when it is ready, what it is told, why it ended.
// Descriptor 3 is the lifeline, 4 and 5 the presence pipe; what the caller hands on follows from 6.

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Duplex, Readable } from 'node:stream';
import { lifelineVariable, parseLine } from './lifeline.js';
import { errorLevel, parseLogLine } from './log-line.js';
import { presenceVariable } from './presence.js';

/** The child's number of the first descriptor in `fds`. */
export const firstPassedFd = 6;

export interface LaunchSpec {
  /** How people call it; it need not be the file's name. */
  readonly name: string;
  /** Path of a JavaScript file that calls `runMain`. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Added to the launcher's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** 'inherit' hands on the launcher's own descriptor 0; default is an empty one. */
  readonly stdin?: 'ignore' | 'inherit' | number;
  /** Become the child's descriptors from `firstPassedFd` on; the launcher keeps its own. */
  readonly fds?: readonly number[];
  /** One line that the child printed, mostly of its log; without it they go to the launcher's stderr. */
  readonly onLine?: (line: string) => void;
  readonly onReport?: (report: object) => void;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** For people: `exited with code 1`, `killed by SIGKILL`. */
  readonly text: string;
  /** The last error that the program logged, if it ended with a code other than 0: mostly the reason. */
  readonly lastError: string | undefined;
}

export interface Child {
  readonly name: string;
  /** Undefined when it could not even be started; `ended` says why. */
  readonly pid: number | undefined;
  /** What the program passed to `ready`; rejects when it ends before. */
  readonly ready: Promise<object>;
  /** Never rejects. */
  readonly ended: Promise<Ended>;
  /** Reaches the program as the next of its `told`, unless it ends before. */
  tell(message: object): void;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL for one that does not end by itself. */
  stop(): Promise<Ended>;
}

/** The ends of the presence pipe, as far as a child is concerned two numbers. */
export interface PresenceFds {
  readonly readFd: number;
  readonly writeFd: number;
}

/** Longer than what a child allows itself, see `defaultEndTimeoutMs` in main.ts. */
const stopTimeoutMs = 4000;

const stderrFd = 2;

/** The output of a dead child may stay open in a grandchild: its last lines are waited for, but not for ever. */
const lastLinesTimeoutMs = 2000;

export function launch(spec: LaunchSpec, presence?: PresenceFds): Child {
  const child = spawn(process.execPath, [spec.program, ...(spec.args ?? [])], spawnOptions(spec, presence));
  child.on('error', () => {}); // `ended` tells
  const lastError = watchOutput(child, spec.onLine);
  const ended = watchEnd(child, spec.name, lastError);
  const lifeline = child.stdio[3] as Duplex | null | undefined;
  const ready = watchLifeline(lifeline, spec, ended);
  return {
    name: spec.name,
    pid: child.pid,
    ready,
    ended,
    tell(message) {
      if (lifeline?.writable) lifeline.write(`${JSON.stringify(message)}\n`);
    },
    kill: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
      try {
        return await ended;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

function spawnOptions(spec: LaunchSpec, presence: PresenceFds | undefined): SpawnOptions {
  const env: NodeJS.ProcessEnv = { ...process.env, ...spec.env, [lifelineVariable]: '3' };
  delete env[presenceVariable];
  if (presence !== undefined) env[presenceVariable] = '4,5';
  return {
    env,
    stdio: [
      spec.stdin ?? 'ignore',
      // stdout belongs to the launcher's results, and no child shall hold a terminal that may go away.
      spec.onLine === undefined ? stderrFd : 'pipe',
      spec.onLine === undefined ? stderrFd : 'pipe',
      'pipe',
      presence?.readFd ?? 'ignore',
      presence?.writeFd ?? 'ignore',
      ...(spec.fds ?? []),
    ],
  };
}

function watchOutput(child: ChildProcess, onLine: ((line: string) => void) | undefined) {
  let lastError: string | undefined;
  for (const input of [child.stdout, child.stderr]) {
    if (input === null) continue;
    readLines(input, (line) => {
      const parsed = parseLogLine(line);
      if (parsed !== undefined && parsed.level >= errorLevel) lastError = parsed.msg;
      onLine?.(line);
    });
  }
  return () => lastError;
}

async function watchEnd(
  child: ChildProcess,
  name: string,
  lastError: () => string | undefined,
): Promise<Ended> {
  const closed = once(child, 'close').catch(() => {});
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    await Promise.race([closed, later(lastLinesTimeoutMs)]);
    const text = signal === null ? `exited with code ${code}` : `killed by ${signal}`;
    return { code, signal, text, lastError: signal === null && code !== 0 ? lastError() : undefined };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      code: null,
      signal: null,
      text: `could not be started: ${reason}`,
      lastError: `${name}: ${reason}`,
    };
  }
}

function watchLifeline(
  lifeline: Duplex | null | undefined,
  spec: LaunchSpec,
  ended: Promise<Ended>,
): Promise<object> {
  const ready = new Promise<object>((resolve, reject) => {
    if (lifeline) {
      readLines(lifeline, (line) => {
        const message: { ready?: object; report?: object } | undefined = parseLine(line);
        if (message?.ready !== undefined) resolve(message.ready);
        if (message?.report !== undefined) spec.onReport?.(message.report);
      });
    }
    void ended.then((end) => {
      const reason = end.lastError === undefined ? '' : `: ${end.lastError}`;
      reject(new Error(`${spec.name} ${end.text} before it was ready${reason}`));
    });
  });
  ready.catch(() => {}); // who does not wait for it watches `ended`
  return ready;
}

/** Errors of the stream are nobody's news: a child's end is told by its exit. The interface would throw them again. */
function readLines(input: Readable, onLine: (line: string) => void): void {
  input.on('error', () => {});
  createInterface({ input })
    .on('error', () => {})
    .on('line', onLine);
}

function later(timeoutMs: number): Promise<void> {
  return new Promise((done) => setTimeout(done, timeoutMs).unref());
}
