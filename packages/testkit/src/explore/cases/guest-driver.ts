// The whole guest side: the real driver in one thread, guest processes that wait by COND_WAIT, and some that have taken
// the receiver's part over and do steps 4 to 6 themselves. The host posts.
import { raise, receive } from '@vsoc/vsoc/signalling';
import { openDoorbell } from '../descriptors.js';
import type { Case, ThreadPlan } from '../model.js';
import { at, type Cell, type Space, select } from '../space.js';
import { cellOf } from '../words.js';
import { driverThread, type GuestProcess } from './driver-thread.js';
import { type PostSteps, realPost } from './signals.js';
import { type SmallWindow, smallWindow } from './small-window.js';

export interface GuestDriverOptions {
  readonly name: string;
  readonly slotCountLog2: number;
  /** By host poster: which word it signals, as an index. */
  readonly posters: readonly number[];
  /** The first posters may be killed before each of their steps; the server then rings for them. */
  readonly mortalPosters?: number;
  /** By guest process: on which word it waits until all its posters are seen. */
  readonly waiters: readonly number[];
  /** How many further guest processes take the receiver's part over. */
  readonly receivers?: number;
  /** The first receivers may be killed before each of their steps. */
  readonly mortalReceivers?: number;
  readonly post?: PostSteps;
  /** WAIT sleeps without a look at the interrupt word: the header's step 6 left out. */
  readonly skipsStep6?: boolean;
}

export function guestDriver(options: GuestDriverOptions): Case {
  return { name: options.name, build: (space) => ({ threads: buildThreads(space, options) }) };
}

function buildThreads(space: Space, options: GuestDriverOptions): Record<string, ThreadPlan> {
  const { posters, mortalPosters = 0, waiters, receivers = 0, mortalReceivers = 0 } = options;
  const { post = realPost, skipsStep6 = false } = options;
  const small = smallWindow(space, options.slotCountLog2);
  const doorbell = openDoorbell(space, 'doorbell');
  const mortal = [
    ...waiters.map(() => false),
    ...Array.from({ length: receivers }, (_, index) => index < mortalReceivers),
  ];
  const driver = driverThread(space, { small, doorbell, mortal, skipsStep6 });
  const threads: Record<string, ThreadPlan> = { driver: driver.plan };

  for (const [index, word] of posters.entries()) {
    const name = `poster ${index + 1}`;
    const death = index < mortalPosters ? space.cell(`${name} is dead`) : undefined;
    threads[name] = {
      body() {
        const { words, table } = small.map();
        Atomics.add(words, small.offsetOf(word) / 4, 1);
        post(table, small.offsetOf(word), doorbell);
      },
      ...(death ? { crash: death } : {}),
    };
    if (death) threads[`server for ${name}`] = { isService: true, body: server(death, small, doorbell.ring) };
  }
  for (const [index, process] of driver.processes.entries()) {
    const word = waiters[index];
    if (word === undefined) {
      const crash = process.death ? { crash: process.death } : {};
      threads[`receiver ${index + 1 - waiters.length}`] = { body: receiver(small, process), ...crash };
    } else {
      const goal = posters.filter((posted) => posted === word).length;
      threads[`waiter ${index + 1}`] = { body: waiter(small, process, { word, goal }) };
    }
  }
  return threads;
}

/** What the server does for a host client whose connection is gone. */
function server(death: Cell, small: SmallWindow, ring: () => void) {
  return () => {
    select(death.name, [(memory) => at(memory, death.index) === 1]);
    raise(small.map().table);
    ring();
  };
}

/** A process whose COND_WAITs must see every change of its word. */
function waiter(small: SmallWindow, { ask }: GuestProcess, { word, goal }: { word: number; goal: number }) {
  return () => {
    const { words } = small.map();
    const index = small.offsetOf(word) / 4;
    for (let seen = 0; seen !== goal; seen = Atomics.load(words, index)) {
      const value = seen;
      // A poster that was killed before it changed its word is not waited for.
      ask({ verb: 'condWait', word, value }, (memory) => holds(memory, words, index, value));
    }
  };
}

/** As GuestRegion.receiveSignals does it. */
function receiver(small: SmallWindow, { ask }: GuestProcess) {
  return () => {
    const { words, table } = small.map();
    for (;;) {
      // To sleep while hints are posted is what step 6 is there to prevent.
      ask({ verb: 'wait' }, (memory) => holds(memory, words, table.interruptWord, 0));
      const hinted = new Set<number>();
      receive(table, (offset) => hinted.add(offset));
      for (const offset of hinted) ask({ verb: 'condWake', word: small.wordAt(offset) });
    }
  };
}

function holds(memory: Int32Array, words: Int32Array, index: number, value: number): boolean {
  return at(memory, cellOf(words, index)?.index ?? -1) === value;
}
