// Takes interrupts away behind the sleeper's back. Hints and interrupt word are no loss, since an edge makes the sleeper look
// at its word. The doorbell's count is one: whoever reads it takes the edge away from all others. So nobody reads it.
import { readEventfd } from '@vsoc/native';
import { receive } from '@vsoc/vsoc/signalling';
import { stepsOf } from '../by-hand.js';
import type { Lab } from '../lab.js';
import { bench } from '../regions.js';
import type { Peer } from '../stage.js';

interface Woken {
  readonly bell: number;
  readonly heals: number;
}

export const dropAnInterrupt: Lab = async (openStage, say) => {
  await using stage = await openStage();
  using region = await stage.device.open(bench);
  const { bell } = region.data;
  const steps = stepsOf(region);

  /** Signals that many times, each followed by the thief; answers how many were heard, and the last report. */
  async function play(sleeper: Peer, signals: number, steal: () => void) {
    let heard = 0;
    let last: Woken | undefined;
    for (let left = signals; left > 0; left--) {
      // Held, so that the thief is always the first to come.
      await sleeper.hold();
      bell.add(1);
      region.signalPeer(bell);
      steal();
      sleeper.child.kill('SIGCONT');
      last = await sleeper.nextWithin<Woken>(5000);
      if (last?.bell === bell.load()) heard++;
    }
    return `${heard} of ${signals} heard, ${last?.heals ?? 'unknown'} by the slow timer`;
  }

  const sleeper = await stage.start('sleeper');
  say(`nobody steals: ${await play(sleeper, 200, () => {})}`);
  const hints = () => void receive(steps.table, () => {});
  say(`a thief takes hint and interrupt word: ${await play(sleeper, 200, hints)}`);
  const count = () => void readEventfd(steps.doorbell.fd);
  say(`a thief reads the doorbell: ${await play(sleeper, 4, count)}`);
};
