// How much of a program's loop one client may have. A client pays in time, the time that serving it took, and only
// when the loop has not slept since it was served last: who asks, waits for the answer and asks again leaves the loop
// asleep in between, and takes nothing from anybody. Who keeps the loop awake makes of the program one that is always
// runnable, to which the scheduler gives whole time slices: everybody else on that core waits for their end.
// Pure: the clock is passed in.

export interface LoopClock {
  nowMs(): number;
  /** How long the loop has slept so far, with nothing to do. */
  sleptMs(): number;
}

/** Credit that comes back, in ms of the loop's time a ms. */
const share = 0.1;
/** The most that is saved up: what a client that was quiet may ask for at one stretch. */
const burstMs = 2;
/**
 * What a newcomer has, so that nobody gains by coming as another process each time, and what a client that has spent
 * everything must have again before it is served. Small enough for a round trip that meets it hardly to show it.
 */
const sliceMs = 0.05;
/** The deepest debt: times are measured by the wall's clock, and others may have had the core meanwhile. */
const debtMs = 2;
/** On top of each time: the way through the loop, which is outside of what is measured. */
const turnMs = 0.002;
/** When there are as many, those that may be forgotten are. */
const manyClients = 64;

interface Purse {
  creditMs: number;
  /** When `creditMs` was right. */
  atMs: number;
  /** What the clock said when the client was served last. */
  sleptMs: number;
  isSpent: boolean;
}

export class Pace {
  readonly #clock: LoopClock;
  readonly #purses = new Map<number, Purse>();
  /** What the clock said when anybody was served last. */
  #sleptMs = Number.NaN;

  constructor(clock: LoopClock) {
    this.#clock = clock;
  }

  /** `client` has been served since `sinceMs`. */
  charge(client: number, sinceMs: number): void {
    const sleptMs = this.#clock.sleptMs();
    const purse = this.#purses.get(client) ?? this.#newPurse(client);
    const hasSlept = purse.sleptMs !== sleptMs;
    purse.sleptMs = sleptMs;
    this.#sleptMs = sleptMs;
    // Whoever waits for credit pays for what it gets all the same: the loop sleeps because it must wait.
    if (hasSlept && !purse.isSpent) return;
    const nowMs = this.#clock.nowMs();
    refill(purse, nowMs);
    purse.creditMs = Math.max(-debtMs, purse.creditMs - (nowMs - sinceMs) - turnMs);
    if (purse.creditMs <= 0) purse.isSpent = true;
  }

  /** Whether `client` has to wait: since it spent its last credit, and until it has a slice again. */
  isSpent(client: number): boolean {
    const purse = this.#purses.get(client);
    if (!purse?.isSpent) return false;
    refill(purse, this.#clock.nowMs());
    if (purse.creditMs < sliceMs) return true;
    purse.isSpent = false;
    purse.sleptMs = this.#clock.sleptMs();
    return false;
  }

  /** How many clients are remembered. */
  get clientCount(): number {
    return this.#purses.size;
  }

  #newPurse(client: number): Purse {
    const atMs = this.#clock.nowMs();
    if (this.#purses.size >= manyClients) this.#forgetQuietOnes(atMs);
    const purse = { creditMs: sliceMs, atMs, sleptMs: this.#sleptMs, isSpent: false };
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
