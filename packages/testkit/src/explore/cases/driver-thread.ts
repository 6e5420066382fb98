// The real guest driver as a thread of a model: its event loop takes edges, requests and last closes in any order in
// which they can be ready.
import { type Description, type Driver, openDriver } from '@vsoc/vsoc/driver';
import { ioctlNumber, vsocCondWait, waitType } from '@vsoc/vsoc/layout';
import { encode } from '@vsoc/vsoc/wire';
import { type Doorbell, type Mailbox, openMailbox } from '../descriptors.js';
import type { ThreadPlan } from '../model.js';
import type { Operation } from '../operation.js';
import { at, type Cell, type Space, select } from '../space.js';
import type { SmallWindow } from './small-window.js';

/** What a guest process asks of the driver. */
export interface Request {
  readonly verb: 'condWait' | 'wait' | 'condWake';
  readonly word?: number;
  /** COND_WAIT: sleep while the word holds it. */
  readonly value?: number;
}

/** A guest process as the driver sees it. */
export interface GuestProcess {
  /** Sends a request and sleeps until it is answered. */
  ask(request: Request, mayRest?: (memory: Int32Array) => boolean): void;
  readonly answers: Mailbox;
  /** Holds 1 once the process was killed. */
  readonly death: Cell | undefined;
}

export interface DriverThread {
  readonly plan: ThreadPlan;
  readonly processes: readonly GuestProcess[];
}

export interface DriverThreadOptions {
  readonly small: SmallWindow;
  readonly doorbell: Doorbell;
  /** By process: whether it may be killed. */
  readonly mortal: readonly boolean[];
  /** WAIT sleeps without a look at the interrupt word: the header's step 6 left out. */
  readonly skipsStep6?: boolean;
}

const verbs = ['condWait', 'wait', 'condWake'] as const;
const processLimit = 4;
const wordLimit = 4;

/** Requests are single numbers in a model; 0 is none. */
function toNumber(process: number, { verb, word = 0, value = 0 }: Request): number {
  return 1 + verbs.indexOf(verb) + verbs.length * (process + processLimit * (word + wordLimit * value));
}

function fromNumber(message: number): Required<Request> & { readonly process: number } {
  const rest = Math.floor((message - 1) / verbs.length);
  const place = Math.floor(rest / processLimit);
  return {
    verb: verbs[(message - 1) % verbs.length] ?? 'wait',
    process: rest % processLimit,
    word: place % wordLimit,
    value: Math.floor(place / wordLimit),
  };
}

export function driverThread(space: Space, options: DriverThreadOptions): DriverThread {
  const { small, doorbell, mortal, skipsStep6 = false } = options;
  const requests = openMailbox(space, 'requests', mortal.length);
  const processes = mortal.map((mayDie, process): GuestProcess => {
    const answers = openMailbox(space, `answers to process ${process + 1}`, 1);
    return {
      answers,
      death: mayDie ? space.cell(`process ${process + 1} is dead`) : undefined,
      ask(request, mayRest) {
        requests.send(toNumber(process, request));
        answers.receive(mayRest);
      },
    };
  });
  return {
    processes,
    plan: {
      isService: true,
      startsAlone: true,
      body: () => serve({ small, doorbell, requests, processes }),
      ...(skipsStep6 ? { alter: seeNoInterrupt } : {}),
    },
  };
}

/** The driver's only look at the interrupt word is the one of WAIT_FOR_INCOMING_INTERRUPT. */
function seeNoInterrupt(operation: Operation): Operation {
  if (operation.what !== 'load(interrupt word)') return operation;
  return { what: 'no look at the interrupt word', apply: () => 0 };
}

interface World {
  readonly small: SmallWindow;
  readonly doorbell: Doorbell;
  readonly requests: Mailbox;
  readonly processes: readonly GuestProcess[];
}

async function serve({ small, doorbell, requests, processes }: World): Promise<never> {
  const driver = openDriver(small.layout, small.window, ports, { slowTimer: 'off' });
  const descriptions = processes.map((_, process) => driver.open(small.regionIndex, process));
  const open = new Set(processes.keys());
  let seen = 0;
  /** A request carries its token: while one is under way the description is not closed. */
  const isOver = (memory: Int32Array, process: number) => {
    const death = processes[process]?.death;
    if (!open.has(process) || death === undefined || at(memory, death.index) === 0) return false;
    return !requests.messages(memory).some((message) => fromNumber(message).process === process);
  };
  for (;;) {
    const event = select('an edge, a request or a last close', [
      (memory) => doorbell.hasRung(memory, seen),
      (memory) => requests.messages(memory).length > 0,
      ...processes.map((_, process) => (memory: Int32Array) => isOver(memory, process)),
    ]);
    if (event === 0) {
      seen = doorbell.count();
      driver.interrupt(small.regionIndex);
    } else if (event === 1) {
      answer(driver, small, requests.receive(), descriptions, processes);
    } else {
      open.delete(event - 2);
      await driver.close(descriptions[event - 2] as Description);
    }
  }
}

function answer(
  driver: Driver,
  small: SmallWindow,
  message: number,
  descriptions: readonly Description[],
  processes: readonly GuestProcess[],
): void {
  const { verb, process, word, value } = fromNumber(message);
  const offset = small.offsetOf(word);
  driver.ioctl({
    description: descriptions[process] as Description,
    request: numbers[verb],
    argument: verb === 'condWake' ? offset : 0,
    bytes: verb === 'condWait' ? condWait(offset, value) : nothing,
    managed: undefined,
    // One that was killed takes no answer; there is a place for the one that it never took.
    finish: () => processes[process]?.answers.send(1),
  });
}

const numbers: Readonly<Record<Request['verb'], number>> = {
  condWait: ioctlNumber.condWait,
  wait: ioctlNumber.waitForIncomingInterrupt,
  condWake: ioctlNumber.condWake,
};

const nothing = new Uint8Array(0);

function condWait(offset: number, value: number): Uint8Array {
  return encode(vsocCondWait, {
    offset,
    value,
    wakeTimeSec: 0n,
    wakeTimeNsec: 0,
    waitType: waitType.ifEqual,
    wakes: 0,
    reserved1: 0,
  });
}

/** The host's side of the doorbells is no part of these models. */
const ports = { ringHost() {}, fill() {}, fillLater: async () => {} };
