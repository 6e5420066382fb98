// claimant --run-dir DIR --rounds N --claimants M --place P: one of M processes that claim the same area N times. They
// meet before each round and after each claim, so that in each round all claim while the winner still holds.
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import type { AtomicWord } from '@vsoc/struct';
import { type GuestDevice, type GuestRegion, openGuest } from '@vsoc/vsoc/guest';
import { areaClaim } from './area-claim.js';
import { claimedRegion, claimsRegion } from './region.js';

interface Round {
  readonly device: GuestDevice;
  readonly region: GuestRegion<typeof claimsRegion>;
  readonly claimants: number;
  readonly ownedValue: number;
  readonly signal: AbortSignal;
}

runMain('claimant', async ({ signal, ready, report }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      rounds: { type: 'string', default: '0' },
      claimants: { type: 'string', default: '1' },
      place: { type: 'string', default: '0' },
    },
  });
  using device = await openGuest({ deviceDirectory: runPaths(values['run-dir']).deviceDir });
  using region = await device.open(claimsRegion);
  const claimants = Number(values.claimants);
  const round: Round = { device, region, claimants, ownedValue: Number(values.place) + 1, signal };
  ready();
  const counts = { granted: 0, contended: 0 };
  let managed = await device.openManaged(claimedRegion);
  const claim = await areaClaim(managed, { region, owner: 'owner', ownedValue: round.ownedValue });
  const rounds = Number(values.rounds);
  for (let number = 1; number <= rounds; number++) {
    await meet(round, { count: 'arrived', until: 'round', number }, () => region.data.wins.store(0));
    const outcome = await region.description.claim(managed, claim);
    counts[outcome]++;
    if (outcome === 'granted') {
      region.data.wins.add(1);
      if (region.data.owner.load() !== round.ownedValue)
        throw new Error(`round ${number}: the owner word is not mine`);
    }
    await meet(round, { count: 'tried', until: 'done', number }, () => {
      const wins = region.data.wins.load();
      if (wins !== 1) throw new Error(`round ${number}: ${wins} of ${claimants} claims were granted`);
    });
    if (outcome === 'contended') continue;
    managed[Symbol.dispose]();
    // The next round begins when the area is free again.
    await region.waitWhile(region.data.owner, round.ownedValue, { signal });
    managed = await device.openManaged(claimedRegion);
  }
  report({ counts });
  managed[Symbol.dispose]();
});

/** The last one that comes does `asLast` and opens the way for all. */
async function meet(
  { region, claimants, signal }: Round,
  { count, until, number }: { count: 'arrived' | 'tried'; until: 'round' | 'done'; number: number },
  asLast: () => void,
): Promise<void> {
  const [counted, way]: readonly AtomicWord[] = [region.data[count], region.data[until]];
  if (counted === undefined || way === undefined) return;
  if (counted.add(1) === claimants - 1) {
    asLast();
    counted.store(0);
    way.store(number);
    region.signal(way);
    return;
  }
  for (let value = way.load(); value < number; value = way.load())
    await region.waitWhile(way, value, { signal });
}
