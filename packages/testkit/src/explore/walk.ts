// One random interleaving of a model, to be done again by real Workers.
import { interceptAtomics } from './intercept.js';
import type { Case } from './model.js';
import { memoryWords, Space } from './space.js';
import { waysOf } from './state.js';
import { openThread, type Thread, type ThreadState } from './thread.js';

/** One operation of a schedule. */
export interface Grant {
  readonly thread: string;
  /** In which of the operation's ways it happened. */
  readonly way: number;
  readonly result: number;
  readonly what: string;
}

export interface Walk {
  readonly grants: readonly Grant[];
  /** By thread: whether it came to its end. */
  readonly ended: Readonly<Record<string, boolean>>;
  /** The memory at the end, and where each cell lies. */
  readonly memory: Int32Array;
  readonly places: ReadonlyMap<string, number>;
}

/** Walks to a state in which nobody can go on; `below` chooses, as SeededRandom's does. No thread crashes. */
export async function walk({ build }: Case, below: (end: number) => number): Promise<Walk> {
  using _atomics = interceptAtomics();
  const space = new Space();
  const model = build(space);
  const memory = new Int32Array(memoryWords);
  const threads: { thread: Thread; state: ThreadState }[] = [];
  for (const [name, plan] of Object.entries(model.threads)) {
    const thread = await openThread(name, plan);
    threads.push({ thread, state: thread.start });
  }
  const grants: Grant[] = [];
  for (;;) {
    const choices = threads.flatMap((entry) => waysOf(entry.state, memory).map((way) => ({ entry, way })));
    const choice = choices[below(choices.length)];
    if (choice === undefined) break;
    const { entry, way } = choice;
    const { standing } = entry.state;
    if (standing.at !== 'operation') break;
    const result = standing.operation.apply(memory, way);
    grants.push({ thread: entry.thread.name, way, result, what: standing.operation.what });
    entry.state = await entry.thread.after(entry.state, result);
  }
  const ended = Object.fromEntries(
    threads.map(({ thread, state }) => [thread.name, state.standing.at === 'end']),
  );
  return { grants, ended, memory, places: space.places };
}
