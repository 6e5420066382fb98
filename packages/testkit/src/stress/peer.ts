// A process of a stress run, whichever side: arguments in, counts out, and a word when nothing goes on any more.

import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { MainContext } from '@vsoc/process';
import { type SeededRandom, seededRandom } from '../seeded-random.js';
import { type Posting, postInBursts, type Watching, type Words, watchInLoop } from './half.js';

export interface PeerArguments {
  readonly runDir: string;
  readonly posts: number;
  readonly waiters: 'loop' | 'workers';
  /** Host processes: which of them this is, from 0. */
  readonly place: number;
  /** How many processes of the other side shall see each burst before the next one. */
  readonly watchers: number;
  readonly random: SeededRandom;
}

export function readPeerArguments(side: 'guest' | 'host'): PeerArguments {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      posts: { type: 'string', default: '0' },
      waiters: { type: 'string', default: 'loop' },
      place: { type: 'string', default: '0' },
      watchers: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
    },
  });
  return {
    runDir: values['run-dir'],
    posts: Number(values.posts),
    waiters: values.waiters === 'workers' ? 'workers' : 'loop',
    place: Number(values.place),
    watchers: Number(values.watchers),
    random: seededRandom(`${side} ${values.place}`, Number(values.seed)),
  };
}

/** What a watching Worker is given; the shared region is its side's. */
export interface WatchTask<Shared> {
  readonly shared: Shared;
  readonly index: number;
  readonly place: number;
  readonly stop: Int32Array;
}

export interface PeerParts {
  readonly posting: Omit<Posting, 'posts' | 'random' | 'signal' | 'onProgress'>;
  readonly watching: Omit<Watching, 'signal' | 'onProgress'>;
  /** What is handed to Workers. */
  readonly shared: unknown;
  readonly workerFile: URL;
  /** Ends the sleep of a Worker on a word, so that it looks at its stop word. */
  rouse(words: Words): void;
  counters(): object;
}

/** Nothing has gone on for so long, and nobody is stopped so long: something was lost. */
const stuckMs = 60_000;

/** Reports `{done}` when all its bursts were seen, `{stuck}` when they are not; watches until it is told to end. */
export async function runPeer(
  { posts, random, waiters, place }: PeerArguments,
  parts: PeerParts,
  { signal, ready, report }: Pick<MainContext, 'signal' | 'ready' | 'report'>,
): Promise<void> {
  let lastMs = performance.now();
  const onProgress = () => {
    lastMs = performance.now();
  };
  const watching = { ...parts.watching, signal, onProgress };
  const watched = waiters === 'loop' ? watchInLoop(watching) : watchInWorkers(parts, { place, signal });
  watched.catch(() => {}); // awaited below; until then an abort is no unhandled rejection
  ready();
  let isDone = posts === 0;
  const look = setInterval(() => {
    const silentMs = performance.now() - lastMs;
    if (isDone || silentMs < stuckMs) return;
    onProgress();
    report({ stuck: { silentMs, ...state(parts), ...parts.counters() } });
  }, 500);
  try {
    if (!isDone) {
      const bursts = await postInBursts({ ...parts.posting, posts, random, signal, onProgress });
      isDone = true;
      report({ done: { posts, bursts, ...parts.counters() } });
    }
    await watched;
  } finally {
    clearInterval(look);
  }
}

/** One Worker a word, each blocked on it. */
async function watchInWorkers(
  { shared, workerFile, watching, rouse }: PeerParts,
  { place, signal }: { place: number; signal: AbortSignal },
): Promise<void> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const workers = watching.words.map((_, index) => {
    const task: WatchTask<unknown> = { shared, index, place, stop };
    return new Worker(workerFile, { workerData: task });
  });
  const ended = workers.map(
    (worker) =>
      new Promise<void>((resolve, reject) => {
        worker.on('exit', () => resolve());
        worker.on('error', reject);
      }),
  );
  signal.addEventListener('abort', () => {
    Atomics.store(stop, 0, 1);
    rouse(watching.words);
  });
  await Promise.all(ended);
}

/** Every word as it is now, for whoever reads why a run hangs. */
function state({ posting, watching }: PeerParts): object {
  const values = (words: Words) => words.map((word) => word.load());
  return {
    posted: values(posting.words),
    seenByOthers: posting.seen.map(values),
    toSee: values(watching.words),
    told: values(watching.told),
  };
}
