// What a thread under exploration does to shared state, one operation at a time, and how its code is run again up to
// the operation that has no result yet.

/** One indivisible operation on the shared memory of a model. */
export interface Operation {
  /** For people: `exchange(interrupt word, 1)`. */
  readonly what: string;
  /** In which ways it can happen now; none: the thread sleeps. Left out: in one. */
  ways?(memory: Int32Array): readonly number[];
  /** Whether it is right to sleep here for ever. Left out: it is wrong. */
  mayRest?(memory: Int32Array): boolean;
  /** Changes `memory`; the result is all that the thread learns. */
  apply(memory: Int32Array, way: number): number;
}

/** A thread's program, from its start to its end; it must depend on nothing but the results of its operations. */
export type Body = () => void | Promise<void>;

/** Where a thread stands after a given list of results. */
export type Standing =
  | { readonly at: 'operation'; readonly operation: Operation }
  | { readonly at: 'end' }
  | { readonly at: 'error'; readonly error: Error };

/** Gives an operation its result, or throws to end the thread. */
export type Performer = (operation: Operation) => number;

let performer: Performer | undefined;

/** Called by whatever stands for shared state. */
export function perform(operation: Operation): number {
  if (performer === undefined) throw new Error(`${operation.what}: no thread is being run`);
  return performer(operation);
}

/** Runs `body` to its end, its operations carried out by `by`; returns what it threw, if anything. One at a time. */
export async function runWith(by: Performer, body: Body): Promise<unknown> {
  performer = by;
  try {
    await body();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    performer = undefined;
  }
}

/** Runs `body` from its start against `results` and tells what it wants to do next. */
export async function rerun(body: Body, results: readonly number[]): Promise<Standing> {
  let used = 0;
  let next: Operation | undefined;
  const error = await runWith((operation) => {
    const result = results[used];
    // On its way out the code may pass `finally` blocks that touch shared state: they do not happen.
    if (next !== undefined || result === undefined) {
      next ??= operation;
      throw stop;
    }
    used++;
    return result;
  }, body);
  if (next !== undefined) return { at: 'operation', operation: next };
  if (used < results.length) {
    throw new Error(`a thread used ${used} of ${results.length} results: it is not deterministic`);
  }
  if (error === undefined) return { at: 'end' };
  return { at: 'error', error: error instanceof Error ? error : new Error(String(error)) };
}

/** Thrown through the thread's code at the operation where its results end. */
const stop = new Error('the thread stops here for now; code under exploration must not swallow this');
