// Every interleaving of a small model: breadth first through the graph of its states, so that a counterexample is a
// shortest one. Each transition adds one operation to one thread, so a state occurs at one depth only, and equal states
// need be looked for in one layer alone.
import { interceptAtomics } from './intercept.js';
import type { Case, Model } from './model.js';
import { memoryWords, Space } from './space.js';
import { applyToDraft, crashInDraft, Layer, type State, type Turn, turnsAlong, waysOf } from './state.js';
import { openThread, type Thread } from './thread.js';
import { verdicts } from './verdict.js';

export interface Exploration {
  readonly name: string;
  readonly states: number;
  readonly transitions: number;
  /** Operations of the longest interleaving. */
  readonly depth: number;
  /** Different orders of operations from the start to an end, by counting paths. */
  readonly interleavings: number;
  /** Times that a thread's code was run. */
  readonly runs: number;
  readonly violation?: Violation;
}

export interface Violation {
  readonly reason: string;
  /** A shortest interleaving that leads there. */
  readonly turns: readonly Turn[];
}

export interface ExploreOptions {
  /** More states are refused: a model that outgrew its tier. */
  readonly mostStates?: number;
}

const defaultMostStates = 4_000_000;

/** Explores a case to its end, or to its first violation. */
export async function explore({ name, build }: Case, options: ExploreOptions = {}): Promise<Exploration> {
  using _atomics = interceptAtomics();
  const { mostStates = defaultMostStates } = options;
  const space = new Space();
  const model = build(space);
  const threads: Thread[] = [];
  for (const [threadName, plan] of Object.entries(model.threads)) {
    threads.push(await openThread(threadName, plan));
  }
  const verdictOn = verdicts(model, threads);
  const start = await startOf(model, threads);
  const seen = { states: 1, transitions: 0, depth: 0, interleavings: 0 };
  const outcome = (violation?: Violation): Exploration => {
    const runs = threads.reduce((sum, { runs: ofThread }) => sum + ofThread, 0);
    return { name, ...seen, runs, ...(violation ? { violation } : {}) };
  };

  for (let states = [start]; ; ) {
    const layer = new Layer();
    for (const state of states) {
      const transitions = await expand(state, model, threads, layer);
      seen.transitions += transitions;
      if (transitions === 0) seen.interleavings += state.ways;
      const reason = verdictOn(state, transitions === 0);
      if (reason === undefined) continue;
      return outcome({ reason, turns: await turnsAlong(start.threads, state.trail, threads) });
    }
    if (layer.size === 0) return outcome();
    seen.depth++;
    seen.states += layer.size;
    if (seen.states > mostStates) throw new Error(`${name}: more than ${mostStates} states`);
    states = layer.states;
  }
}

/** Adds all successors of `state` to the layer; returns their number. */
async function expand(state: State, model: Model, threads: readonly Thread[], layer: Layer): Promise<number> {
  const plans = Object.values(model.threads);
  let transitions = 0;
  for (const [index, thread] of threads.entries()) {
    const from = state.threads[index] ?? thread.start;
    for (const way of waysOf(from, state.memory)) {
      const result = applyToDraft(from, state.memory, way);
      const after = thread.known(from, result) ?? (await extend(thread, from, result, { state, way }));
      layer.reach(state, index, after, result);
      transitions++;
    }
    const crash = plans[index]?.crash;
    if (crash === undefined || from.standing.at !== 'operation') continue;
    crashInDraft(state.memory, crash.index);
    layer.reach(state, index, thread.crashed, undefined);
    transitions++;
  }
  return transitions;
}

/** Runs the thread's code on; what runs in between may use the draft. */
async function extend(
  thread: Thread,
  from: State['threads'][number],
  result: number,
  { state, way }: { state: State; way: number },
) {
  const after = await thread.after(from, result);
  applyToDraft(from, state.memory, way);
  return after;
}

/** All threads at their first operation; those that start alone at their first sleep. */
async function startOf(model: Model, threads: readonly Thread[]): Promise<State> {
  const initial = {
    memory: new Int32Array(memoryWords),
    threads: threads.map(({ start }) => start),
    trail: undefined,
    ways: 1,
  };
  let state: State = initial;
  for (const [index, { startsAlone }] of Object.values(model.threads).entries()) {
    const thread = threads[index];
    while (startsAlone && thread !== undefined) {
      const from = state.threads[index] ?? thread.start;
      const [way] = waysOf(from, state.memory);
      if (way === undefined) break;
      const memory = state.memory.slice();
      const result = from.standing.at === 'operation' ? from.standing.operation.apply(memory, way) : 0;
      const after = await thread.after(from, result);
      state = { ...initial, memory, threads: state.threads.with(index, after) };
    }
  }
  return state;
}
