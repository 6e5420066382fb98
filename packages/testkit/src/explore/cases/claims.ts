// Claims of one area: the real record decides in the driver's thread, in any order of requests and releases, while
// somebody scribbles into the owner word. And the owner word alone, between two records that know nothing of each other.
import { VsocError } from '@vsoc/vsoc';
import { type RegionLayout, regionFree, regionOffset, windowOffset } from '@vsoc/vsoc/layout';
import { createPermissionRecord, type Permission } from '@vsoc/vsoc/permissions';
import { type Mailbox, openMailbox } from '../descriptors.js';
import type { Case, Now, ThreadPlan } from '../model.js';
import { perform } from '../operation.js';
import type { Cell, Space } from '../space.js';
import { sharedWords } from '../words.js';

const pageBytes = 4096;
const ownerOffset = 128;

function region(index: number, managedBy: number): RegionLayout {
  const table = { slotCountLog2: 0, slotsOffset: regionOffset(8), interruptOffset: regionOffset(0) };
  return {
    index,
    name: managedBy === 0 ? 'manager' : 'managed',
    currentVersion: 1,
    minCompatibleVersion: 1,
    beginOffset: windowOffset(pageBytes * 4 * index),
    endOffset: windowOffset(pageBytes * 4 * (index + 1)),
    dataOffset: regionOffset(managedBy === 0 ? ownerOffset : pageBytes),
    guestToHost: table,
    hostToGuest: table,
    managedBy,
  };
}

const manager = region(1, 0);
const managed = region(2, 1);

/** Compatible claims: same area and owner word, whatever value. */
const claimOf = (claimant: number) => ({
  beginOffset: pageBytes,
  endOffset: 2 * pageBytes,
  ownerOffset,
  ownedValue: claimant + 1,
});

export type Grant = ReturnType<typeof createPermissionRecord>['grant'];

export interface ClaimsOptions {
  readonly name: string;
  readonly claimants: number;
  /** Each claims, and if it won holds and releases, so many times. */
  readonly rounds?: number;
  /** What somebody stores into the owner word, at any time. */
  readonly scribbles?: readonly number[];
  /** Claimants keep what they won. */
  readonly keeps?: boolean;
  /** The record decides nothing, only the owner word: what the driver must not be. */
  readonly forgetful?: boolean;
}

const answers = { granted: 1, contended: 2, busy: 3, released: 4 } as const;

export function claims(options: ClaimsOptions): Case {
  const { name, claimants, rounds = 1, scribbles = [], keeps = false, forgetful = false } = options;
  return {
    name,
    build(space) {
      const owner = ownerWord(space);
      const requests = openMailbox(space, 'requests', claimants);
      const people = Array.from({ length: claimants }, (_, index) => claimant(space, index, requests));
      const threads: Record<string, ThreadPlan> = {
        driver: {
          isService: true,
          body: () => decide({ owner, requests, people, forgetful }),
        },
      };
      for (const [index, person] of people.entries()) {
        threads[`claimant ${index + 1}`] = { body: () => person.play(keeps ? 1 : rounds, keeps) };
      }
      if (scribbles.length > 0) {
        threads.scribbler = {
          body() {
            for (const value of scribbles) Atomics.store(owner, ownerOffset >>> 2, value);
          },
        };
      }
      return {
        threads,
        always: (now) => tooManyHolders(now, people),
        ...(scribbles.length === 0
          ? { atEnd: (end: Now) => wrongEnd(end, people, { owner, rounds, keeps }) }
          : {}),
      };
    },
  };
}

interface Claimant {
  readonly answers: Mailbox;
  /** 1 while it believes that it holds the area. */
  readonly holds: Cell;
  readonly wins: Cell;
  play(rounds: number, keeps: boolean): void;
}

function claimant(space: Space, index: number, requests: Mailbox): Claimant {
  const name = `claimant ${index + 1}`;
  const own = {
    answers: openMailbox(space, `answers to ${name}`, 1),
    holds: space.cell(`${name} holds`),
    wins: space.cell(`wins of ${name}`),
  };
  const note = (what: string, change: (memory: Int32Array) => void) =>
    perform({
      what: `${name} ${what}`,
      apply(memory) {
        change(memory);
        return 0;
      },
    });
  return {
    ...own,
    play(rounds, keeps) {
      for (let round = 0; round < rounds; round++) {
        requests.send(index + 1);
        if (own.answers.receive() !== answers.granted) continue;
        note('holds the area', (memory) => {
          memory[own.holds.index] = 1;
          memory[own.wins.index] = (memory[own.wins.index] ?? 0) + 1;
        });
        if (keeps) continue;
        note('is about to let go', (memory) => {
          memory[own.holds.index] = 0;
        });
        requests.send(index + 17);
        own.answers.receive();
      }
    },
  };
}

interface Decision {
  readonly owner: Int32Array;
  readonly requests: Mailbox;
  readonly people: readonly Claimant[];
  readonly forgetful: boolean;
}

/** The driver's thread, as far as claims go. */
function decide({ owner, requests, people, forgetful }: Decision): never {
  const record = createPermissionRecord(() => owner);
  const held = new Map<number, Permission>();
  for (;;) {
    const request = requests.receive();
    const index = (request - 1) % 16;
    if (request > 16) {
      const permission = held.get(index);
      if (permission) record.release(permission);
      held.delete(index);
      people[index]?.answers.send(answers.released);
      continue;
    }
    const used = forgetful ? createPermissionRecord(() => owner) : record;
    const outcome = tryGrant(used.grant, index);
    if (typeof outcome === 'object') held.set(index, outcome);
    people[index]?.answers.send(typeof outcome === 'object' ? answers.granted : answers[outcome]);
  }
}

function tryGrant(grant: Grant, index: number): Permission | 'contended' | 'busy' {
  try {
    return grant(claimOf(index), manager, managed);
  } catch (error) {
    if (error instanceof VsocError && error.code === 'EAGAIN') return 'contended';
    if (error instanceof VsocError && error.code === 'EBUSY') return 'busy';
    throw error;
  }
}

function ownerWord(space: Space): Int32Array {
  const names: string[] = [];
  names[ownerOffset >>> 2] = 'owner word';
  return sharedWords(space, 'manager', { names });
}

function tooManyHolders(now: Now, people: readonly Claimant[]): string | undefined {
  const holders = people.filter(({ holds }) => now.cell(holds) === 1).length;
  return holders > 1 ? `${holders} claimants hold the area at a time` : undefined;
}

function wrongEnd(
  end: Now,
  people: readonly Claimant[],
  { owner, rounds, keeps }: { owner: Int32Array; rounds: number; keeps: boolean },
): string | undefined {
  const wins = people.reduce((sum, { wins: own }) => sum + end.cell(own), 0);
  const word = end.word(owner, ownerOffset >>> 2);
  if (keeps && wins !== 1) return `${wins} of ${people.length} simultaneous claims won`;
  if (keeps) return word === regionFree ? 'the owner word is free although the area is held' : undefined;
  if (wins < rounds) return `${wins} claims won in ${rounds} rounds of ${people.length} claimants`;
  return word === regionFree ? undefined : `the owner word holds ${word} although nobody holds the area`;
}

export interface BareClaimsOptions {
  readonly name: string;
  readonly claimants: number;
  /** How the owner word is taken; by the record of a driver of the claimant's own when left out. */
  readonly take?: (owner: Int32Array, claimant: number) => boolean;
}

/** No driver in between: each claimant has a record of its own, and the owner word alone decides. */
export function bareClaims({ name, claimants, take = takeByRecord }: BareClaimsOptions): Case {
  return {
    name,
    build(space) {
      const owner = ownerWord(space);
      const wins = space.cell('wins');
      const threads: Record<string, ThreadPlan> = {};
      for (let index = 0; index < claimants; index++) {
        threads[`claimant ${index + 1}`] = {
          body() {
            if (!take(owner, index)) return;
            perform({
              what: 'count a win',
              apply: (memory) => (memory[wins.index] = (memory[wins.index] ?? 0) + 1),
            });
          },
        };
      }
      return {
        threads,
        atEnd: (end) => (end.cell(wins) === 1 ? undefined : `${end.cell(wins)} of ${claimants} claims won`),
      };
    },
  };
}

function takeByRecord(owner: Int32Array, claimant: number): boolean {
  return typeof tryGrant(createPermissionRecord(() => owner).grant, claimant) === 'object';
}

/** A test and a store in place of the compare-exchange. */
export function takeByLookAndStore(owner: Int32Array, claimant: number): boolean {
  if (Atomics.load(owner, ownerOffset >>> 2) !== regionFree) return false;
  Atomics.store(owner, ownerOffset >>> 2, claimant + 1);
  return true;
}
