// The jobs of the zeroing worker: a ring of areas in shared words. The driver posts and looks what is done, the worker
// sleeps on the word that counts what was posted.

/** What the worker is started with; the window follows as its one message. */
export interface ZeroingWork {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** Signalled once it waits for jobs, and after each. */
  readonly doneFd: number;
}

export interface Area {
  readonly windowOffset: number;
  readonly lengthBytes: number;
}

/** Jobs at a time. */
export const queueLimit = 1024;

// Free-running counts, modulo 2³², then two words a job.
const postedWord = 0;
const doneWord = 1;
const firstJobWord = 2;
const jobWord = (count: number) => firstJobWord + ((2 * (count >>> 0)) % (2 * queueLimit));

export function openZeroingQueue() {
  const words = new Int32Array(new SharedArrayBuffer(4 * (firstJobWord + 2 * queueLimit)));
  let taken = 0;
  return {
    words,
    /** False when the queue is full. */
    post(windowOffset: number, lengthBytes: number): boolean {
      const posted = Atomics.load(words, postedWord);
      if (((posted - taken) | 0) >= queueLimit) return false;
      words[jobWord(posted)] = windowOffset;
      words[jobWord(posted) + 1] = lengthBytes;
      Atomics.store(words, postedWord, posted + 1);
      Atomics.notify(words, postedWord);
      return true;
    },
    /** How many jobs, in the order of their posting, were done since the last call. */
    takeDone(): number {
      const done = Atomics.load(words, doneWord);
      const count = (done - taken) | 0;
      taken = done;
      return count;
    },
  };
}

/** The worker's end: sleeps until there is a job. `done` is called when its area is zero. */
export function nextJob(words: Int32Array): Area & { readonly done: () => void } {
  const done = Atomics.load(words, doneWord);
  while (Atomics.load(words, postedWord) === done) Atomics.wait(words, postedWord, done);
  const at = jobWord(done);
  return {
    windowOffset: (words[at] ?? 0) >>> 0,
    lengthBytes: (words[at + 1] ?? 0) >>> 0,
    done: () => void Atomics.store(words, doneWord, done + 1),
  };
}
