// The states of a model, layer by layer: who stands where, what the memory holds, and how one got there.
import { memoryWords, once } from './space.js';
import type { Thread, ThreadState } from './thread.js';

export interface State {
  readonly memory: Int32Array;
  /** In the order of the model's threads. */
  readonly threads: readonly ThreadState[];
  readonly trail: Trail | undefined;
  /** How many interleavings lead here. */
  ways: number;
}

/** How a state was reached first. There are as many as states: no texts here. */
export interface Trail {
  readonly before: Trail | undefined;
  readonly thread: number;
  /** What the operation returned; undefined: the thread crashed instead. */
  readonly result: number | undefined;
}

/** One thread does one operation. */
export interface Turn {
  readonly thread: string;
  readonly what: string;
  readonly result: number | undefined;
}

const mostThreads = 16;
/** A successor is put together here: most of them are known already and cost no memory of their own. */
const draft = new Int32Array(mostThreads + memoryWords);
const draftBytes = Buffer.from(draft.buffer);
const draftMemory = draft.subarray(mostThreads);

/** The next layer of the graph: all states that are one operation further. */
export class Layer {
  readonly #states = new Map<string, State>();

  get states(): State[] {
    return [...this.#states.values()];
  }

  get size(): number {
    return this.#states.size;
  }

  /**
   * Adds what `thread` makes of `from` by an operation that has left the new memory in `draftMemory`, or one more way
   * to it.
   */
  reach(from: State, thread: number, after: ThreadState, result: number | undefined): void {
    const { threads, trail } = from;
    const first = mostThreads - threads.length;
    for (let index = 0; index < threads.length; index++) {
      draft[first + index] = (index === thread ? after : threads[index])?.id ?? 0;
    }
    let end = draft.length;
    // Words that were never written do not count, so that words learned of later change nothing.
    while (end > mostThreads && draft[end - 1] === 0) end--;
    const key = draftBytes.toString('latin1', first * 4, end * 4);
    const known = this.#states.get(key);
    if (known !== undefined) {
      known.ways += from.ways;
      return;
    }
    this.#states.set(key, {
      memory: draftMemory.slice(),
      threads: threads.with(thread, after),
      trail: { before: trail, thread, result },
      ways: from.ways,
    });
  }
}

/** In how many ways the thread's operation can happen now. */
export function waysOf({ standing }: ThreadState, memory: Int32Array): readonly number[] {
  if (standing.at !== 'operation') return [];
  return standing.operation.ways?.(memory) ?? once;
}

/** Lets the thread's operation happen to a copy of `memory`, the draft; returns its result. */
export function applyToDraft({ standing }: ThreadState, memory: Int32Array, way: number): number {
  if (standing.at !== 'operation') throw new Error('a thread without an operation was given a turn');
  draftMemory.set(memory);
  return standing.operation.apply(draftMemory, way);
}

/** Kills a thread: its cell is all that changes. */
export function crashInDraft(memory: Int32Array, cellIndex: number): void {
  draftMemory.set(memory);
  draftMemory[cellIndex] = 1;
}

/** The turns that led from `start` to the trail's end, with their texts. */
export async function turnsAlong(
  start: readonly ThreadState[],
  trail: Trail | undefined,
  threads: readonly Thread[],
): Promise<Turn[]> {
  const steps: Trail[] = [];
  for (let step = trail; step !== undefined; step = step.before) steps.push(step);
  const standings = [...start];
  const turns: Turn[] = [];
  for (const { thread: index, result } of steps.reverse()) {
    const thread = threads[index];
    const from = standings[index];
    if (thread === undefined || from?.standing.at !== 'operation')
      throw new Error('a trail that leads nowhere');
    const { what } = from.standing.operation;
    turns.push({ thread: thread.name, what: result === undefined ? `crash before ${what}` : what, result });
    standings[index] = result === undefined ? thread.crashed : await thread.after(from, result);
  }
  return turns;
}
