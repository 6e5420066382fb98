// Does a schedule again on real Workers: each thread of the model runs in one, its real Atomics granted one at a time in
// the order of the schedule. What the exploration says of the code holds only as far as the two agree.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { SeededRandom } from '../seeded-random.js';
import { control, type Report, type Task } from './granted-worker.js';
import type { Case } from './model.js';
import { memoryWords } from './space.js';
import { type Grant, type Walk, walk } from './walk.js';

export interface WorkerPool extends AsyncDisposable {
  /** Walks once through a case and does the same on Workers; throws where they differ. Returns the operations done. */
  check(checked: Case, random: SeededRandom): Promise<number>;
}

interface GrantedWorker {
  readonly worker: Worker;
  readonly turns: Int32Array;
}

/** A Worker that did not answer in time. Says nothing of whether model and Worker agree: the pool is of no use any more. */
export class StalledError extends Error {
  override readonly name = 'StalledError';
}

/** No operation takes long: a Worker that does not answer in this time hangs. */
const answerTimeoutMs = 10_000;

export function openWorkerPool(): WorkerPool {
  const workers: GrantedWorker[] = [];

  function workerAt(index: number): GrantedWorker {
    const known = workers[index];
    if (known) return known;
    const turns = new Int32Array(new SharedArrayBuffer(4 * Object.keys(control).length));
    // Without the conditions of a test runner, which lead to sources that Node cannot read.
    const options = { workerData: turns, execArgv: [] };
    const worker = new Worker(new URL('./granted-worker.js', import.meta.url), options);
    workers[index] = { worker, turns };
    return { worker, turns };
  }

  async function check(checked: Case, random: SeededRandom): Promise<number> {
    const planned = await walk(checked, random.below);
    const memory = new Int32Array(new SharedArrayBuffer(4 * memoryWords));
    const names = Object.keys(planned.ended);
    const granted = new Map(names.map((name, index) => [name, workerAt(index)]));
    const reports = names.map((thread, index) => {
      const { worker, turns } = workerAt(index);
      turns.fill(0);
      const report = once(worker, 'message');
      worker.postMessage({ caseName: checked.name, thread, memory, places: planned.places } satisfies Task);
      return report.then(([message]) => message as Report);
    });
    for (const grant of planned.grants) give(grant, granted);
    for (const { turns } of granted.values()) {
      Atomics.store(turns, control.stop, 1);
      // Another number, still even: one that is about to sleep must not miss it.
      Atomics.add(turns, control.turn, 2);
      Atomics.notify(turns, control.turn);
    }
    compare(checked.name, planned, memory, await Promise.all(reports));
    return planned.grants.length;
  }

  return {
    check,
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map(({ worker }) => worker.terminate()));
    },
  };
}

/** Grants one operation and sleeps until it was done. */
function give({ thread, way, what }: Grant, workers: ReadonlyMap<string, GrantedWorker>): void {
  const turns = workers.get(thread)?.turns;
  if (turns === undefined) throw new Error(`there is no Worker for ${thread}`);
  Atomics.store(turns, control.way, way);
  const turn = Atomics.add(turns, control.turn, 1) + 1;
  Atomics.notify(turns, control.turn);
  if (Atomics.wait(turns, control.turn, turn, answerTimeoutMs) === 'timed-out') {
    throw new StalledError(`${thread} does not come to '${what}'`);
  }
}

function compare(name: string, planned: Walk, memory: Int32Array, reports: readonly Report[]): void {
  for (const [index, [thread, ended]] of Object.entries(planned.ended).entries()) {
    const report = reports[index];
    const expected = planned.grants.filter((grant) => grant.thread === thread);
    const wanted = expected.map(({ what, result }) => `${what} = ${result}`);
    const seen = (report?.performed ?? []).map(({ what, result }) => `${what} = ${result}`);
    const at = wanted.findIndex((line, place) => line !== seen[place]);
    if (at >= 0 || seen.length !== wanted.length) {
      throw new Error(
        `${name}, ${thread}, operation ${at}: the model did '${wanted[at]}', the Worker '${seen[at]}'`,
      );
    }
    if (report?.error !== undefined) throw new Error(`${name}, ${thread}: ${report.error}`);
    if (report?.ended !== ended)
      throw new Error(`${name}, ${thread}: only one of model and Worker came to the end`);
  }
  if (memory.some((word, index) => word !== planned.memory[index])) {
    throw new Error(
      `${name}: the memory differs: ${memory.join(' ')} in place of ${planned.memory.join(' ')}`,
    );
  }
}
