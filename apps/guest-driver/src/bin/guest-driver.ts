// guest-driver --run-dir DIR: the guest's kernel part. When this process ends, the guest has ended.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { bootGuestDriver } from '../guest-driver.js';

runMain('guest-driver', async ({ signal, log, ready }) => {
  const { values } = parseArgs({ options: { 'run-dir': { type: 'string', default: '.' } } });
  const paths = runPaths(values['run-dir']);
  await using guest = await bootGuestDriver({
    qemuSocket: paths.qemuSocket,
    deviceDirectory: paths.deviceDir,
  });
  ready({ epoch: guest.driver.epoch, regions: guest.driver.layout.regions.map(({ name }) => name) });
  const ended = AbortSignal.any([signal, guest.lost]);
  if (!ended.aborted) await once(ended, 'abort');
  log.debug({ counters: guest.driver.counters }, 'ending');
  if (guest.lost.aborted) throw guest.lost.reason;
});
