// One of two processes that pass a number to and fro through two words of shared memory: asleep on a futex,
// spinning, or woken by a doorbell in the event loop. The counterparts are c/{futex,spin,eventfd}-ping.c.
import { futexWait, futexWake, mapWindow, signalEventfd, watch } from '@vsoc/native';
import { runMain } from '@vsoc/process';
import type { RoundSize } from '../c-program.js';
import { createStopwatch, type Stopwatch } from '../stopwatch.js';
import { firstInheritedFd, readPeerArgv, silenceNs } from './argv.js';

const windowBytes = 65536;
const [pingWord, pongWord] = [0, 32]; // 128 bytes apart: a cache line for each writer
const [windowFd, thereFd, backFd] = [firstInheritedFd, firstInheritedFd + 1, firstInheritedFd + 2];

/** How a process that blocks sets its word and waits for the other's. */
interface Wire {
  set(word: number, value: number): void;
  waitWhile(word: number, value: number): void;
}

/** While it blocks a process hears nothing of its lifeline: after each slice of silence it looks for itself. */
const sliceNs = 250_000_000n;
const launcherPid = process.ppid;

function checkSilence(sinceNs: bigint): void {
  if (process.ppid !== launcherPid) process.exit(1); // nobody is left to tell
  if (process.hrtime.bigint() - sinceNs > silenceNs) throw new Error('the peer is silent');
}

function futexWire(words: Int32Array): Wire {
  return {
    set(word, value) {
      Atomics.store(words, word, value);
      futexWake(words, word);
    },
    waitWhile(word, value) {
      const startNs = process.hrtime.bigint();
      for (let slices = 1n; Atomics.load(words, word) === value; ) {
        if (futexWait(words, word, value, startNs + slices * sliceNs) !== 'timed-out') continue;
        slices++;
        checkSilence(startNs);
      }
    },
  };
}

function spinWire(words: Int32Array): Wire {
  return {
    set: (word, value) => void Atomics.store(words, word, value),
    waitWhile(word, value) {
      let startNs = 0n;
      for (let turn = 1; Atomics.load(words, word) === value; turn++) {
        // About once in a slice: the clock must cost the round trip nothing.
        if (turn % 0x100_0000 !== 0) continue;
        if (startNs === 0n) startNs = process.hrtime.bigint();
        checkSilence(startNs);
      }
    },
  };
}

/** Round trips in all, and of one sample: where they take less than a µs, reading the clock would be a good part. */
interface Trips {
  readonly total: number;
  readonly burst: number;
}

function serveBlocking(wire: Wire, total: number): void {
  for (let trip = 0; trip < total; trip++) {
    wire.waitWhile(pingWord, trip);
    wire.set(pongWord, trip + 1);
  }
}

function measureBlocking(wire: Wire, { total, burst }: Trips, stopwatch: Stopwatch): void {
  for (let trip = 0; trip < total; ) {
    stopwatch.start();
    for (const end = trip + burst; trip < end; trip++) {
      wire.set(pingWord, trip + 1);
      wire.waitWhile(pongWord, trip);
    }
    stopwatch.stop(trip / burst - 1);
  }
}

interface Side {
  readonly words: Int32Array;
  /** The word that the other process changes, and the doorbell that it rings then. */
  readonly word: number;
  readonly doorbellFd: number;
  readonly total: number;
}

/** Calls `onTrip` at every edge that finds the word changed, until it has done so `total` times. */
function inLoop({ words, word, doorbellFd, total }: Side, onTrip: (trip: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let trip = 0;
    const silence = setTimeout(() => end(new Error('the peer is silent')), Number(silenceNs / 1_000_000n));
    const edges = watch(doorbellFd, 'edge', () => {
      if (Atomics.load(words, word) !== trip + 1) return;
      onTrip(trip++);
      if (trip === total) end();
      else if (trip % 1024 === 0) silence.refresh();
    });
    function end(error?: Error) {
      clearTimeout(silence);
      edges[Symbol.dispose]();
      if (error) reject(error);
      else resolve();
    }
  });
}

async function serveInLoop(words: Int32Array, total: number): Promise<void> {
  await inLoop({ words, word: pingWord, doorbellFd: thereFd, total }, (trip) => {
    Atomics.store(words, pongWord, trip + 1);
    signalEventfd(backFd);
  });
}

async function measureInLoop(words: Int32Array, total: number, stopwatch: Stopwatch): Promise<void> {
  const ping = (trip: number) => {
    stopwatch.start();
    Atomics.store(words, pingWord, trip + 1);
    signalEventfd(thereFd);
  };
  const answered = inLoop({ words, word: pongWord, doorbellFd: backFd, total }, (trip) => {
    stopwatch.stop(trip);
    if (trip + 1 < total) ping(trip + 1);
  });
  ping(0);
  await answered;
}

function rally(kind: string | undefined, words: Int32Array, { trips, warmUp }: RoundSize) {
  const samples = trips + warmUp;
  if (kind === 'eventfd') {
    return {
      burst: 1,
      serve: () => serveInLoop(words, samples),
      measure: (stopwatch: Stopwatch) => measureInLoop(words, samples, stopwatch),
    };
  }
  if (kind !== 'futex' && kind !== 'spin') {
    throw new RangeError(`'futex', 'spin' or 'eventfd' expected, seen '${kind}'`);
  }
  const wire = kind === 'futex' ? futexWire(words) : spinWire(words);
  const burst = kind === 'futex' ? 1 : 10;
  const total = samples * burst;
  return {
    burst,
    serve: () => serveBlocking(wire, total),
    measure: (stopwatch: Stopwatch) => measureBlocking(wire, { total, burst }, stopwatch),
  };
}

runMain('bench-words', async ({ ready, report }) => {
  const { size, words: argv } = readPeerArgv();
  const [kind, role] = argv;
  using window = mapWindow(windowFd, windowBytes);
  const { serve, measure, burst } = rally(kind, new Int32Array(window.buffer), size);
  ready();
  // The blocking kinds stop the loop from here on: what ready() wrote must be out first.
  await new Promise(setImmediate);
  if (role === 'pong') return await serve(); // not before it is over may the window close
  const stopwatch = createStopwatch(size);
  await measure(stopwatch);
  report(stopwatch.figures(burst));
});
