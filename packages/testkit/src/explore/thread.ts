// The states of one thread. A thread is deterministic, so the list of results that it has got so far is its whole
// state: code is run again only for a list that was never seen before, once for all the interleavings it occurs in.
import { type Body, type Operation, rerun, type Standing } from './operation.js';

export interface ThreadState {
  /** Tells the thread's states apart. */
  readonly id: number;
  readonly standing: Standing | { readonly at: 'crash' };
}

export interface Thread {
  readonly name: string;
  readonly start: ThreadState;
  readonly crashed: ThreadState;
  /** The state after one more result where the code was run for it before: a promise costs more than a step. */
  known(state: ThreadState, result: number): ThreadState | undefined;
  /** The state after one more result. */
  after(state: ThreadState, result: number): Promise<ThreadState>;
  /** Times that the code was run. */
  readonly runs: number;
}

interface KnownState extends ThreadState {
  readonly results: readonly number[];
  readonly next: Map<number, KnownState>;
}

export interface Program {
  readonly body: Body;
  readonly alter?: (operation: Operation) => Operation;
}

export async function openThread(name: string, { body, alter = same }: Program): Promise<Thread> {
  let runs = 0;
  const learn = async (results: readonly number[]): Promise<KnownState> => {
    const id = ++runs;
    const standing = await rerun(body, results);
    return { id, standing: altered(standing, alter), results, next: new Map() };
  };
  const crashed: KnownState = { id: 0, standing: { at: 'crash' }, results: [], next: new Map() };

  async function extend(known: KnownState, result: number): Promise<KnownState> {
    const next = await learn([...known.results, result]);
    known.next.set(result, next);
    return next;
  }

  const start = await learn([]);
  return {
    name,
    start,
    crashed,
    known: (state, result) => (state as KnownState).next.get(result),
    after: async (state, result) =>
      (state as KnownState).next.get(result) ?? extend(state as KnownState, result),
    get runs() {
      return runs;
    },
  };
}

const same = (operation: Operation) => operation;

function altered(standing: Standing, alter: (operation: Operation) => Operation): Standing {
  return standing.at === 'operation' ? { at: 'operation', operation: alter(standing.operation) } : standing;
}
