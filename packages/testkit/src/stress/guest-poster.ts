// guest-poster --run-dir DIR --steps N --word W [--give-token]: does the first N steps of a signal, says so, and does
// nothing more. With --give-token descriptor 6 is a socket over which it hands its token to its launcher.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { sendMessage } from '@vsoc/native';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { ioctlNumber } from '@vsoc/vsoc/layout';
import { ring } from '@vsoc/vsoc/wire';
import { doSteps, tableIn } from './poster.js';
import { stressRegion } from './region.js';

const tokenSocketFd = 6;

runMain('guest-poster', async ({ signal, ready }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      steps: { type: 'string', default: '0' },
      word: { type: 'string', default: '0' },
      'give-token': { type: 'boolean', default: false },
    },
  });
  using device = await openGuest({ deviceDirectory: runPaths(values['run-dir']).deviceDir });
  using region = await device.open(stressRegion);
  const { description } = region;
  if (values['give-token']) sendMessage(tokenSocketFd, Uint8Array.of(1), [description.token.fd]);
  const shared = region.share();
  const word = region.data.up.at(Number(values.word));
  const woken: Promise<unknown>[] = [];
  doSteps(Number(values.steps), {
    word,
    table: tableIn(shared, region.layout.guestToHost),
    ring: () => ring(shared.doorbell),
    tellOwnSide() {
      const call = { request: ioctlNumber.condWake, op: 'COND_WAKE', argument: word.offset };
      woken.push(description.ioctl(call));
    },
  });
  await Promise.all(woken);
  ready();
  if (!signal.aborted) await once(signal, 'abort');
});
