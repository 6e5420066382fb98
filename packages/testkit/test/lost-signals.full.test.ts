// No signal is lost between real processes: 10⁶ each way in bursts, each burst seen before the next one begins, with no
// slow timer to help, while processes are stopped, continued and killed.
import { setTimeout as later } from 'node:timers/promises';
import type { Child } from '@vsoc/process/launcher';
import { type SeededRandom, seededRandom } from '@vsoc/testkit';
import { describe, expect, it } from 'vitest';
import { type StressProcess, type StressWorld, startStressWorld } from './stress-world.js';

const watchdogMs = 900_000;
const timeoutMs = watchdogMs + 10_000;

interface Done {
  readonly posts: number;
  readonly bursts: number;
  readonly fullTables: number;
  readonly heals?: number;
}

/** Stops one of them for a moment, again and again, until the signal aborts. */
async function stopAndContinue(
  victims: readonly Child[],
  random: SeededRandom,
  { signal, mostMs }: { signal: AbortSignal; mostMs: number },
): Promise<string> {
  let stops = 0;
  for (; !signal.aborted; stops++) {
    const victim = random.pick(victims);
    victim.kill('SIGSTOP');
    await later(1 + random.below(mostMs));
    victim.kill('SIGCONT');
    await later(1 + random.below(2 * mostMs));
  }
  return `stopped ${stops} times`;
}

/** Waits for the end of all bursts, and says what they were. */
async function finish(what: string, posts: number, parts: readonly StressProcess[]): Promise<void> {
  const startMs = performance.now();
  const reports = await Promise.all(parts.map((part) => part.reported<Done>('done')));
  for (const report of reports) {
    expect(report).toMatchObject({ posts });
    // Only host processes count what the slow timer heals; it was off.
    expect(report.heals ?? 0).toBe(0);
  }
  const bursts = reports.map((report) => report.bursts).join(' and ');
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  process.stderr.write(`${what}: ${posts} signals each way in ${bursts} bursts, ${seconds} s\n`);
}

/** Does `work` while `disturb` goes on beside it. */
async function beside(
  disturb: (signal: AbortSignal) => Promise<string>,
  work: () => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const disturbed = disturb(over.signal);
  try {
    await work();
  } finally {
    over.abort();
    process.stderr.write(`${await disturbed}\n`);
  }
}

interface Halves {
  readonly waiters: 'loop' | 'workers';
  readonly posts: number;
  /** Host processes that see each burst before the next one. */
  readonly watchers?: number;
}

async function startHalves(world: StressWorld, random: SeededRandom, { watchers = 1, ...halves }: Halves) {
  return await Promise.all([
    world.start('host-peer', { ...halves, seed: random.below(2 ** 31) }),
    world.start('guest-peer', { ...halves, watchers, seed: random.below(2 ** 31) }),
  ]);
}

describe.each(['loop', 'workers'] as const)('10⁶ signals each way, waiters in %s', (waiters) => {
  it('arrive while host, guest, guest driver and server are stopped and continued', {
    timeout: timeoutMs,
  }, async () => {
    const random = seededRandom(`signals, waiters in ${waiters}`);
    await using world = await startStressWorld(watchdogMs);
    const posts = 1_000_000;
    const [host, guest] = await startHalves(world, random, { waiters, posts });
    const victims = [host.child, guest.child, world.driver, world.server];
    await beside(
      (signal) => stopAndContinue(victims, random, { signal, mostMs: 20 }),
      () => finish(`waiters in ${waiters}`, posts, [host, guest]),
    );
  });
});

describe.each(['loop', 'workers'] as const)('two host processes, waiters in %s', (waiters) => {
  const posts = 200_000;

  it('both see every burst although one of them is stopped again and again', {
    timeout: timeoutMs,
  }, async () => {
    const random = seededRandom(`two host processes, one stopped, waiters in ${waiters}`);
    await using world = await startStressWorld(watchdogMs);
    const second = await world.start('host-peer', { waiters, place: 1 });
    const [host, guest] = await startHalves(world, random, { waiters, posts, watchers: 2 });
    await beside(
      (signal) => stopAndContinue([second.child], random, { signal, mostMs: 60 }),
      () => finish('two host processes, one stopped', posts, [host, guest]),
    );
  });

  it('one sees every burst although the other one is killed in mid-drain', {
    timeout: timeoutMs,
  }, async () => {
    const random = seededRandom(`two host processes, one killed, waiters in ${waiters}`);
    await using world = await startStressWorld(watchdogMs);
    const [host, guest] = await startHalves(world, random, { waiters, posts });
    await beside(
      (signal) => startAndKill(() => world.start('host-peer', { waiters, place: 1 }), random, signal),
      () => finish('two host processes, one killed', posts, [host, guest]),
    );
  });
});

/** Starts a process and kills it, again and again, until the signal aborts. */
async function startAndKill(
  start: () => Promise<StressProcess>,
  random: SeededRandom,
  signal: AbortSignal,
): Promise<string> {
  let kills = 0;
  for (; !signal.aborted; kills++) {
    const { child } = await start();
    await later(random.below(150));
    child.kill('SIGKILL');
    await child.ended;
  }
  return `killed ${kills} times`;
}
