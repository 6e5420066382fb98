// holder --run-dir DIR --place P --seed N: claims the area again and again until it is killed. While it holds it, the
// area must be its own alone: it reads zeroes at first, and its own mark afterwards.
import { setTimeout as later } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { type Lease, openGuest } from '@vsoc/vsoc/guest';
import { seededRandom } from '../seeded-random.js';
import { areaClaim } from './area-claim.js';
import { claimedRegion, claimsRegion } from './region.js';

runMain('holder', async ({ signal, ready, report }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      place: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
    },
  });
  const random = seededRandom(`holder ${values.place}`, Number(values.seed));
  using device = await openGuest({ deviceDirectory: runPaths(values['run-dir']).deviceDir });
  using region = await device.open(claimsRegion);
  const { owner } = region.data;
  ready();
  const counts = { granted: 0, contended: 0 };
  for (let turn = 0; !signal.aborted; turn++) {
    // A value of its own for each turn: nobody else's, not even a former one of this process.
    const ownedValue = (Number(values.place) + 1) * 0x100_0000 + (turn % 0xff_ffff);
    const managed = await device.openManaged(claimedRegion);
    const claim = await areaClaim(managed, { region, owner: 'owner', ownedValue });
    const outcome = await region.description.claim(managed, claim);
    counts[outcome]++;
    if (outcome === 'contended') {
      managed[Symbol.dispose]();
      const holder = owner.load();
      if (holder !== 0) await region.waitWhile(owner, holder, { signal });
      continue;
    }
    using lease = await managed.lease();
    await hold(lease, { ownedValue, random: random.below, owner: () => owner.load() });
    report({ counts });
  }
});

/** Throws when somebody else was there before, or comes while it holds. */
async function hold(
  lease: Lease,
  { ownedValue, random, owner }: { ownedValue: number; random: (end: number) => number; owner: () => number },
): Promise<void> {
  const { buffer, byteOffset, byteLength } = lease.bytes;
  const words = new Int32Array(buffer, byteOffset, byteLength / 4);
  const foreign = words.find((word) => word !== 0);
  if (foreign !== undefined) throw new Error(`a granted area holds ${foreign.toString(16)}`);
  words.fill(ownedValue);
  for (let look = random(3); look >= 0; look--) {
    if (random(2) === 0) await later(1);
    const other = words.find((word) => word !== ownedValue);
    if (other !== undefined)
      throw new Error(`${other.toString(16)} writes into the area of ${ownedValue.toString(16)}`);
    if (owner() !== ownedValue) throw new Error(`the owner word holds ${owner().toString(16)}`);
  }
}
