// Posters and receivers of one table. Each poster raises its word by one and signals once; a receiver must see every
// word reach the number of its posters, and sleeps on the doorbell in between, with nothing else to wake it.
import {
  createWaiters,
  type EdgeReceiver,
  insert,
  raise,
  type SignalTable,
  takeEdge,
  type Waiter,
} from '@vsoc/vsoc/signalling';
import { type Doorbell, openDoorbell } from '../descriptors.js';
import type { Case, Model, ThreadPlan } from '../model.js';
import { at, type Cell, type Space, select } from '../space.js';
import { cellOf } from '../words.js';
import { type SmallTable, type SmallTableOptions, smallTable } from './table.js';

/** A poster's steps after it changed its word. */
export type PostSteps = (table: SignalTable, offset: number, doorbell: Doorbell) => void;
/** What a receiver does on an edge. */
export type EdgeSteps = (receiver: EdgeReceiver, sleeping: ReadonlyMap<number, Waiter>) => void;

export interface SignalsOptions extends SmallTableOptions {
  readonly name: string;
  /** By poster: which word it signals, as an index. */
  readonly posters: readonly number[];
  /** The first posters may be killed before each of their steps. */
  readonly mortalPosters?: number;
  /** Whether the side of a poster that was killed rings for it; 'keeper' when left out. */
  readonly afterDeath?: 'keeper' | 'nobody';
  /** Processes that watch the same doorbell, each waiting on all words. */
  readonly receivers?: number;
  /** The first receivers may be killed before each of their steps. */
  readonly mortalReceivers?: number;
  readonly post?: PostSteps;
  readonly onEdge?: EdgeSteps;
}

/** The real steps, as HostRegion and GuestRegion take them. */
export const realPost: PostSteps = (table, offset, doorbell) => {
  const hint = insert(table, offset);
  if (raise(table) || hint === 'full') doorbell.ring();
};

export function signals(options: SignalsOptions): Case {
  return { name: options.name, build: (space) => buildSignals(space, options) };
}

function buildSignals(space: Space, options: SignalsOptions): Model {
  const { posters, mortalPosters = 0, receivers = 1, mortalReceivers = 0, afterDeath = 'keeper' } = options;
  const { post = realPost, onEdge = takeEdge } = options;
  const small = smallTable(space, options);
  const doorbell = openDoorbell(space, 'doorbell');
  const threads: Record<string, ThreadPlan> = {};
  for (const [index, word] of posters.entries()) {
    const name = `poster ${index + 1}`;
    const crash = index < mortalPosters ? space.cell(`${name} is dead`) : undefined;
    threads[name] = { body: poster(small, word, doorbell, post), ...(crash ? { crash } : {}) };
    if (crash && afterDeath === 'keeper') {
      threads[`keeper ${index + 1}`] = { body: keeper(crash, small, doorbell), isService: true };
    }
  }
  for (let index = 0; index < receivers; index++) {
    const name = `receiver ${index + 1}`;
    const crash = index < mortalReceivers ? space.cell(`${name} is dead`) : undefined;
    threads[name] = { body: receiver(small, posters, doorbell, onEdge), ...(crash ? { crash } : {}) };
  }
  return { threads };
}

function poster({ table, words, offsets }: SmallTable, word: number, doorbell: Doorbell, post: PostSteps) {
  const offset = offsets[word] ?? 0;
  return () => {
    Atomics.add(words, offset >>> 2, 1);
    post(table, offset, doorbell);
  };
}

/** What guest-driver does for a guest process that died, and the server for a host client. */
function keeper(death: Cell, { table }: SmallTable, doorbell: Doorbell) {
  return () => {
    select(`${death.name}`, [(memory) => memory[death.index] === 1]);
    raise(table);
    doorbell.ring();
  };
}

function receiver(
  { table, words, offsets }: SmallTable,
  posters: readonly number[],
  doorbell: Doorbell,
  onEdge: EdgeSteps,
) {
  return () => {
    const waiters = createWaiters({ words });
    const goals = offsets.map((_, word) => posters.filter((posted) => posted === word).length);
    const sleeping = new Map<number, Waiter>();
    /** As a half does: look, and wait for a change of what was seen. */
    const follow = (word: number, value: number): void => {
      const offset = offsets[word] ?? 0;
      const onChanged = () => {
        const now = Atomics.load(words, offset >>> 2);
        sleeping.delete(offset);
        if (now !== goals[word]) follow(word, now);
      };
      const waiter: Waiter = { offset, value, wakes: 0, onChanged, onClosed() {} };
      sleeping.set(offset, waiter);
      waiters.add(waiter);
    };
    for (const [word, goal] of goals.entries()) if (goal > 0) follow(word, 0);
    /** A poster that was killed before it changed its word is not waited for. */
    const nothingUnseen = (memory: Int32Array) =>
      [...sleeping.values()].every(
        ({ offset, value }) => at(memory, cellOf(words, offset >>> 2)?.index ?? -1) === value,
      );
    for (let seen = 0; sleeping.size > 0; ) {
      seen = doorbell.sleepPast(seen, nothingUnseen);
      onEdge({ incoming: table, waiters, sleepers: nobody, wake() {} }, sleeping);
    }
  };
}

const nobody = new Int32Array(0);
