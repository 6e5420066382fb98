// Claims of one area by real processes through the real guest driver: exactly one wins each round; SIGKILLs leave
// neither a second owner nor anything that is never free again.
import { setTimeout as later } from 'node:timers/promises';
import { seededRandom } from '@vsoc/testkit';
import { openGuest } from '@vsoc/vsoc/guest';
import { expect, it } from 'vitest';
import { areaClaim } from '../src/stress/area-claim.js';
import { claimedRegion, claimsRegion } from '../src/stress/region.js';
import { type StressProcess, type StressWorld, startStressWorld } from './stress-world.js';

const claimants = 8;
const rounds = 10_000;
const watchdogMs = 900_000;
const timeoutMs = watchdogMs + 10_000;

interface Counts {
  readonly granted: number;
  readonly contended: number;
}

/** The owner word is free, and so is the area: a claim that names another owner word meets no live permission. */
async function expectNothingHeld(world: StressWorld): Promise<void> {
  using device = await openGuest({ deviceDirectory: world.processes.paths.deviceDir });
  using region = await device.open(claimsRegion);
  const { owner } = region.data;
  const signal = AbortSignal.timeout(60_000);
  for (let holder = owner.load(); holder !== 0; holder = owner.load()) {
    await region.waitWhile(owner, holder, { signal });
  }
  using managed = await device.openManaged(claimedRegion);
  const claim = await areaClaim(managed, { region, owner: 'otherOwner', ownedValue: 1 });
  expect(await region.description.claim(managed, claim)).toBe('granted');
}

it('8 processes, 10⁴ rounds: one is granted each, the others are told EAGAIN', {
  timeout: timeoutMs,
}, async () => {
  await using world = await startStressWorld(watchdogMs);
  const processes = await Promise.all(
    Array.from({ length: claimants }, (_, place) => world.start('claimant', { rounds, claimants, place })),
  );
  const startMs = performance.now();
  const counts = await Promise.all(processes.map((process) => process.reported<Counts>('counts')));
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const wins = counts.map(({ granted }) => granted);
  process.stderr.write(
    `${rounds} rounds of ${claimants} claimants in ${seconds} s, wins ${wins.join(' ')}\n`,
  );
  expect(wins.reduce((sum, won) => sum + won)).toBe(rounds);
  expect(counts.map(({ granted, contended }) => granted + contended)).toEqual(Array(claimants).fill(rounds));
  await expectNothingHeld(world);
});

it('random SIGKILLs: never two owners, nothing leaks', { timeout: timeoutMs }, async () => {
  const kills = 60;
  const random = seededRandom('SIGKILL of claimants');
  await using world = await startStressWorld(watchdogMs);
  const start = (place: number) => world.start('holder', { place, seed: random.below(2 ** 31) });
  const processes: StressProcess[] = await Promise.all(
    Array.from({ length: claimants }, (_, place) => start(place)),
  );
  const failures: string[] = [];
  const watchFor = (process: StressProcess, place: number) =>
    void process.child.ended.then(({ signal, text, lastError }) => {
      if (signal !== 'SIGKILL' && !isOver) failures.push(`holder ${place} ${text}: ${lastError}`);
    });
  let isOver = false;
  for (const [place, process] of processes.entries()) watchFor(process, place);
  for (let kill = 0; kill < kills; kill++) {
    await later(random.below(60));
    const place = random.below(claimants);
    const victim = processes[place] as StressProcess;
    victim.child.kill('SIGKILL');
    await victim.child.ended;
    expect(failures).toEqual([]);
    const next = await start(place);
    watchFor(next, place);
    processes[place] = next;
  }
  // Who is alive still gets its turns.
  const last = await Promise.all(processes.map((process) => process.reported<Counts>('counts')));
  isOver = true;
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.map(({ child }) => child.ended));
  expect(failures).toEqual([]);
  expect(last.every(({ granted }) => granted > 0)).toBe(true);
  process.stderr.write(`${kills} kills\n`);
  await expectNothingHeld(world);
});
