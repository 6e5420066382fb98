// host-poster --run-dir DIR --steps N --word W: does the first N steps of a signal, says so, and does nothing more.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { signalEventfd } from '@vsoc/native';
import { runMain, runPaths } from '@vsoc/process';
import { connectHost } from '@vsoc/vsoc/host';
import { doSteps, tableIn } from './poster.js';
import { stressRegion } from './region.js';

runMain('host-poster', async ({ signal, ready }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      steps: { type: 'string', default: '0' },
      word: { type: 'string', default: '0' },
    },
  });
  const { serverSocket } = runPaths(values['run-dir']);
  using device = await connectHost({ serverSocket, slowTimer: 'off' });
  using region = await device.open(stressRegion);
  const shared = region.share();
  doSteps(Number(values.steps), {
    word: region.data.down.at(Number(values.word)),
    table: tableIn(shared, region.layout.hostToGuest),
    ring: () => signalEventfd(shared.hostToGuestDoorbellFd),
    tellOwnSide: () => signalEventfd(shared.guestToHostDoorbellFd),
  });
  ready();
  if (!signal.aborted) await once(signal, 'abort');
});
