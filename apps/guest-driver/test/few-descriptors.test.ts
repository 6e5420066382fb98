// A driver that may have few descriptors: a process that takes what it gets costs nobody else a channel.
import { execFileSync } from 'node:child_process';
import { connectUnix, DisposableStack, type OwnedFd } from '@vsoc/native';
import { guardLeaks, sharedByTests } from '@vsoc/testkit/hooks';
import { expect, test } from 'vitest';
import { signals } from '../src/testing/regions.js';
import { startWorld, turn } from './guest-world.js';

const world = sharedByTests(startWorld);
guardLeaks();

test('who connects without end is refused at its limit; a channel that was open before answers as ever', async () => {
  using device = await world.openGuest();
  using region = await device.open(signals);
  await region.description.describe();
  execFileSync('prlimit', ['--pid', `${world.driver.pid}`, '--nofile=256:256']);
  using taken = new DisposableStack();
  for (const node of [signals.name, 'control']) {
    for (let count = 0; count < 300; count++) {
      taken.use(await connect(`${world.deviceDirectory}/${node}`));
      if (count % 50 === 0) await describeAgain();
    }
  }
  await describeAgain();
  expect(device.lost.aborted).toBe(false);

  async function describeAgain(): Promise<void> {
    expect((await region.description.describe()).deviceName).toBe(signals.name);
  }
});

/** Waits while the listener's queue is full. */
async function connect(path: string): Promise<OwnedFd> {
  for (;;) {
    try {
      return connectUnix(path, 'seqpacket');
    } catch (error) {
      expect(error).toMatchObject({ code: 'EAGAIN' });
      await turn();
    }
  }
}
