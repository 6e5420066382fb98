// Fills the signal table with hints at other places while the receiver is stopped, then signals. The hint finds no slot:
// the sender says so, rings all the same, and the sleeper wakes.
import { stepsOf } from '../by-hand.js';
import type { Lab } from '../lab.js';
import { bench } from '../regions.js';

export const fillATable: Lab = async (openStage, say) => {
  await using stage = await openStage();
  using region = await stage.device.open(bench);
  const { bell } = region.data;
  const steps = stepsOf(region);
  const sleeper = await stage.start('sleeper', '--slow-timer', 'off');
  await sleeper.hold();

  let filled = 0;
  // Any place of the region but the bell: whoever means ill can hint at whatever it likes.
  for (let offset = 4; filled < steps.slotCount; offset += 4) {
    if (offset !== bell.offset && steps.hintAt(offset) === 'inserted') filled++;
  }
  say(`the receiver is stopped, ${filled} hints fill the table of ${steps.slotCount} slots`);
  bell.add(1);
  region.signalPeer(bell);
  bell.add(1);
  region.signalPeer(bell);
  say(`two signals more: counted as full tables: ${region.counters.fullTables}; both rang the doorbell`);

  const continuedAtNs = process.hrtime.bigint();
  sleeper.child.kill('SIGCONT');
  const woken = await sleeper.next<{ bell: number; wokenAtNs: string; heals: number }>();
  const ms = Number(BigInt(woken.wokenAtNs) - continuedAtNs) / 1e6;
  say(`the receiver goes on: woken after ${ms.toFixed(1)} ms with bell ${woken.bell}, heals ${woken.heals}`);
};
