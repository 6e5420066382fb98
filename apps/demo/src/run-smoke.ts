// The smoke test: a run of the demo that ends by itself, with one line of JSON on stdout or a reason.

import { createRunDirectory, runPaths } from '@vsoc/process';
import { openProcessGroup } from '@vsoc/process/launcher';
import { addressOf } from './address.js';
import type { DemoOptions } from './arguments.js';
import { demoPrograms } from './programs.js';
import type { RunContext } from './run-programs.js';
import { type SmokeResult, watchPattern } from './smoke.js';
import { type Supervision, supervise } from './supervise.js';
import { writeLayout } from './window.js';

const smokeFrames = 60;
const smokeTimeoutMs = 30_000;
/** A machine has to boot first, and an emulated one draws some ten times slower. */
const machineSmokeTimeoutMs = 180_000;
/** When something goes wrong, the death of a process may be the cause, and is told in place of its effects. */
const causeTimeoutMs = 500;

/** Prints one line of JSON on stdout, or the reason why not on the screen. */
export async function runSmoke(options: DemoOptions, { signal, screen }: RunContext): Promise<number> {
  const timeoutMs = options.vm === undefined ? smokeTimeoutMs : machineSmokeTimeoutMs;
  const timeout = AbortSignal.timeout(timeoutMs);
  const ending = AbortSignal.any([signal, timeout]);
  try {
    const line = await smoke(options, { signal: ending, screen });
    await new Promise<void>((done) => void process.stdout.write(`${line}\n`, () => done()));
    return 0;
  } catch (error) {
    const reason = timeout.aborted ? `not done within ${timeoutMs / 1000} s` : undefined;
    screen.print(`demo: smoke test failed: ${reason ?? (error instanceof Error ? error.message : error)}`);
    return 1;
  }
}

async function smoke(options: DemoOptions, { signal, screen }: RunContext): Promise<string> {
  const runDir = createRunDirectory(`demo-${process.pid}`);
  await using run = openProcessGroup(runDir);
  writeLayout(runPaths(runDir).layoutFile);
  const supervision = supervise(run, demoPrograms(options), { signal, screen });
  const result = await Promise.race([measure(options, supervision, signal), unexpectedEnd(supervision)]);
  const processes = run.children.map(({ name, pid }) => ({ name, pid }));
  await run.close();
  for (const child of run.children) {
    const { code, text } = await child.ended;
    if (code !== 0) throw new Error(`${child.name}, told to end, ${text}`);
  }
  return JSON.stringify({ ...result, processes: [{ name: 'demo', pid: process.pid }, ...processes] });
}

async function measure(
  { size }: DemoOptions,
  supervision: Supervision,
  signal: AbortSignal,
): Promise<SmokeResult> {
  try {
    const url = addressOf(await supervision.ready, 'videoUrl');
    const result = await watchPattern({ url, size, frames: smokeFrames, signal });
    if (result.frames >= smokeFrames) return result;
    throw new Error(`${result.frames} distinct frames instead of ${smokeFrames}`);
  } catch (error) {
    await Promise.race([unexpectedEnd(supervision), new Promise((done) => setTimeout(done, causeTimeoutMs))]);
    throw error;
  }
}

async function unexpectedEnd(supervision: Supervision): Promise<never> {
  const end = await supervision.end;
  throw new Error(end.kind === 'died' ? end.text : 'told to end before it was done');
}
