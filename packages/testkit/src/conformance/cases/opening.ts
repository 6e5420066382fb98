// Opening: as often as one likes, and only where both sides mean the same bytes.

import type { RegionDefinition, RegionVersion } from '@vsoc/vsoc/layout';
import type { Case, CaseContext } from '../case.js';
import { exchange } from '../exchange.js';
import { rejection } from '../expectations.js';
import type { Side } from '../hal.js';
import type { Rig } from '../rig.js';

export const opensAndCloses: Case = {
  name: 'both halves open, work and close, and do so again',
  async run({ rig, hal }) {
    for (const _time of ['first', 'again']) {
      const pair = await rig.openBoth(hal);
      await exchange(hal, pair);
      await pair.teller.close();
      await pair.listener.close();
    }
  },
};

/** The window asks for halves of a version that has not been written yet. */
const later: VersionShift = ({ current }) => ({ current: current + 1, minCompatible: current + 1 });
/** The window is of a version that the halves have forgotten. */
const earlier: VersionShift = ({ minCompatible }) => ({
  current: minCompatible - 1,
  minCompatible: minCompatible - 1,
});

export const refusesLaterWindow: Case = {
  name: 'both halves refuse a window that is too new for them',
  run: (context) => refusesShifted(context, later),
};

export const refusesEarlierWindow: Case = {
  name: 'both halves refuse a window that is too old for them',
  appliesTo: ({ regions }) => regions.every(({ version }) => version.minCompatible > 0),
  run: (context) => refusesShifted(context, earlier),
};

type VersionShift = (version: RegionVersion) => RegionVersion;

/** A window of its own, in which one of the HAL's regions after the other has another version. */
async function refusesShifted({ rig, hal }: CaseContext, shift: VersionShift): Promise<void> {
  const regions = hal.regions.map(
    (region): RegionDefinition => ({ ...region, version: shift(region.version) }),
  );
  await using other = await rig.another(regions);
  await other.guest.boot();
  await refuses({ rig, hal }, 'guest', other.runDirs);
  await refuses({ rig, hal }, 'host', other.runDirs);
}

async function refuses({ rig, hal }: CaseContext, side: Side, runDirs: Rig['runDirs']) {
  const error = await rejection(rig.open(hal, side, runDirs), `opening the ${side} half`);
  if (error.name === 'VersionError') return;
  throw new Error(`the ${side} half was to throw a VersionError, it threw: ${error.message}`);
}
