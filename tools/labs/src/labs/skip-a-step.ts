// Leaves out one step of a signal after the other. Only the doorbell is missed, and only until the slow timer looks.
import { stepsOf } from '../by-hand.js';
import type { Lab } from '../lab.js';
import { bench } from '../regions.js';

interface Woken {
  readonly wokenAtNs: string;
  readonly heals: number;
}

export const skipAStep: Lab = async (openStage, say) => {
  await leaveOutEachOnce(openStage, say);
  // On a stage of its own: the end of the first sleeper would ring here.
  await leaveOutTheDoorbellForGood(openStage, say);
};

const leaveOutEachOnce: Lab = async (openStage, say) => {
  await using stage = await openStage();
  using region = await stage.device.open(bench);
  const { bell } = region.data;
  const { hint, raise, ring } = stepsOf(region);
  const hintAtBell = () => hint(bell);
  const variants = [
    { leftOut: 'nothing', taken: [hintAtBell, raise, ring] },
    { leftOut: 'the hint in the table', taken: [raise, ring] },
    { leftOut: 'the interrupt word', taken: [hintAtBell, ring] },
    { leftOut: 'the doorbell', taken: [hintAtBell, raise] },
    { leftOut: 'everything but the word', taken: [] },
  ];
  const sleeper = await stage.start('sleeper');
  let healsBefore = 0;
  for (const { leftOut, taken } of variants) {
    const changedAtNs = process.hrtime.bigint();
    bell.add(1);
    for (const step of taken) step();
    const { wokenAtNs, heals } = await sleeper.next<Woken>();
    const ms = Number(BigInt(wokenAtNs) - changedAtNs) / 1e6;
    const by = heals > healsBefore ? 'the slow timer' : 'the doorbell';
    healsBefore = heals;
    say(`left out: ${leftOut.padEnd(24)} woken by ${by.padEnd(14)} after ${ms.toFixed(1).padStart(6)} ms`);
  }
};

const leaveOutTheDoorbellForGood: Lab = async (openStage, say) => {
  await using stage = await openStage();
  using region = await stage.device.open(bench);
  const { bell } = region.data;
  const { hint, raise, ring } = stepsOf(region);
  const sleeper = await stage.start('sleeper', '--slow-timer', 'off');
  const isWokenWithin = async (ms: number) => (await sleeper.nextWithin<Woken>(ms)) !== undefined;

  bell.add(1);
  hint(bell);
  raise();
  const early = await isWokenWithin(2500);
  say(`left out: the doorbell, no slow timer: ${early ? 'woken' : 'still asleep after 2.5 s'}`);
  bell.add(1);
  hint(bell);
  const mustRing = raise();
  if (mustRing) ring();
  say(
    `a whole signal now: its doorbell is ${mustRing ? '' : 'not '}rung, for the interrupt word is up already`,
  );
  say(`after it: ${(await isWokenWithin(500)) ? 'woken' : 'still asleep'}`);
  ring();
  say(`one ring: ${(await isWokenWithin(5000)) ? 'woken' : 'still asleep'}`);
};
