// How much of a program's loop one client may have. A client pays in time, the time that serving it took, and only
// while the loop has been awake for long: who asks, waits for the answer and asks again lets the loop sleep in between,
// and takes nothing from anybody. Who keeps the loop awake makes of the program one that is always runnable, to which
// the scheduler gives whole time slices: everybody else on that core waits for their end.
// Pure: the clock is passed in.

export interface LoopClock {
  nowMs(): number;
  /** How long the loop has slept so far, with nothing to do. */
  sleptMs(): number;
}

/** A program's first turns take ten times as long, until its code is compiled: nobody pays for them. */
export const coldTurnCount = 1000;
/** Nobody pays before the loop has been awake for as long. */
const graceMs = 0.2;
/** Credit that comes back, in ms of the loop's time a ms. */
const share = 0.05;
/** The most that is saved up: what a client that was quiet may ask for at one stretch. */
const burstMs = 2;
/** What a newcomer has: nobody gains by coming as another process each time. */
const newcomerMs = 0.05;
/** Nearly no turn takes more by itself; by the wall's clock it does when another process has the core meanwhile. */
const turnLimitMs = 0.5;
/** On top of each time: the way through the loop, which is outside of what is measured. */
const turnMs = 0.002;
/** When there are as many, those that may be forgotten are. */
const manyClients = 64;

interface Purse {
  creditMs: number;
  /** When `creditMs` was right. */
  atMs: number;
  /** It has spent everything, and not caught up since. */
  isPaced: boolean;
}

export class Pace {
  readonly #clock: LoopClock;
  readonly #purses = new Map<number, Purse>();
  #coldTurns: number;
  #sleptMs = Number.NaN;
  #awakeSinceMs = 0;

  constructor(clock: LoopClock, coldTurns = coldTurnCount) {
    this.#clock = clock;
    this.#coldTurns = coldTurns;
  }

  /** `client` has been served since `sinceMs`. */
  charge(client: number, sinceMs: number): void {
    if (this.#coldTurns > 0) {
      this.#coldTurns--;
      return;
    }
    const nowMs = this.#clock.nowMs();
    const sleptMs = this.#clock.sleptMs();
    if (sleptMs !== this.#sleptMs) this.#awakeSinceMs = sinceMs;
    this.#sleptMs = sleptMs;
    const purse = this.#purses.get(client) ?? this.#newPurse(client, nowMs);
    // The loop may sleep just because a paced client has to wait.
    if (nowMs - this.#awakeSinceMs < graceMs && !purse.isPaced) return;
    refill(purse, nowMs);
    purse.creditMs -= Math.min(nowMs - sinceMs, turnLimitMs) + turnMs;
    if (purse.creditMs <= 0) purse.isPaced = true;
  }

  /** Whether `client` has to wait for credit. */
  isSpent(client: number): boolean {
    const purse = this.#purses.get(client);
    if (!purse?.isPaced) return false;
    refill(purse, this.#clock.nowMs());
    return purse.creditMs <= 0;
  }

  /** Nothing of `client` waits any more. */
  caughtUp(client: number): void {
    const purse = this.#purses.get(client);
    if (purse) purse.isPaced = false;
  }

  /** How many clients are remembered. */
  get clientCount(): number {
    return this.#purses.size;
  }

  #newPurse(client: number, atMs: number): Purse {
    if (this.#purses.size >= manyClients) this.#forgetQuietOnes(atMs);
    const purse = { creditMs: newcomerMs, atMs, isPaced: false };
    this.#purses.set(client, purse);
    return purse;
  }

  /** Those who have saved up all that they may. */
  #forgetQuietOnes(nowMs: number): void {
    for (const [client, purse] of this.#purses) {
      refill(purse, nowMs);
      if (purse.creditMs === burstMs) this.#purses.delete(client);
    }
  }
}

function refill(purse: Purse, nowMs: number): void {
  purse.creditMs = Math.min(burstMs, purse.creditMs + share * (nowMs - purse.atMs));
  purse.atMs = nowMs;
}
