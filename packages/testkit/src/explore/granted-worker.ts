// The Worker of workers.ts: runs one thread of a case as it is, with real Atomics on real shared memory. Before each
// operation it waits until the scheduler grants it.
import { parentPort, workerData } from 'node:worker_threads';
import { allCases } from './cases/index.js';
import { interceptAtomics } from './intercept.js';
import { type Operation, runWith } from './operation.js';
import { Space } from './space.js';

/** What the scheduler sends: which thread of which case, and the state that it shares with the others. */
export interface Task {
  readonly caseName: string;
  readonly thread: string;
  readonly memory: Int32Array;
  readonly places: ReadonlyMap<string, number>;
}

export interface Performed {
  readonly what: string;
  readonly result: number;
}

/** What the Worker answers when its thread has come to its end, or was told to stop. */
export interface Report {
  readonly performed: readonly Performed[];
  readonly ended: boolean;
  readonly error: string | undefined;
}

/** Words of a Worker's control array: both sides sleep on `turn`, which counts up to the grant and to its answer. */
export const control = { turn: 0, way: 1, stop: 2 } as const;

// The real ones: those of the thread under test are another object by the time that they are used.
const { load, add, notify, wait } = Atomics;
const stopped = new Error('told to stop');

parentPort?.on('message', (task: Task) => void run(task));

async function run({ caseName, thread, memory, places }: Task): Promise<void> {
  const turns = workerData as Int32Array;
  const found = allCases.find(({ name }) => name === caseName);
  const performed: Performed[] = [];
  let error: unknown = new Error(`there is no case ${caseName}`);
  if (found) {
    using _atomics = interceptAtomics();
    const plan = found.build(new Space(places)).threads[thread];
    const body = plan?.body ?? (() => Promise.reject(new Error(`there is no thread ${thread}`)));
    error = await runWith((operation) => {
      const granted = plan?.alter?.(operation) ?? operation;
      const result = performWhenGranted(granted, turns, memory);
      performed.push({ what: granted.what, result });
      return result;
    }, body);
  }
  // The last grant is answered when the thread has come as far as it can: what it did is told first.
  const report: Report = {
    performed,
    ended: error === undefined,
    error: error === undefined || error === stopped ? undefined : String(error),
  };
  parentPort?.postMessage(report);
}

function performWhenGranted(operation: Operation, turns: Int32Array, memory: Int32Array): number {
  // Even: nothing is granted. A grant makes it odd, its answer even again.
  for (let turn = load(turns, control.turn); turn % 2 === 0; turn = load(turns, control.turn)) {
    if (load(turns, control.stop) !== 0) throw stopped;
    wait(turns, control.turn, turn);
  }
  if (load(turns, control.stop) !== 0) throw stopped;
  const result = operation.apply(memory, load(turns, control.way));
  add(turns, control.turn, 1);
  notify(turns, control.turn);
  return result;
}
