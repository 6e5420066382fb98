// guest-driver --run-dir DIR [--bus embedded|vfio] [--no-slow-timer]: the guest's kernel part. When this process ends,
// the guest has ended. Without the slow timer it is as the tests want it that prove that nobody needs one.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { reportAnomalies } from '../anomalies.js';
import type { GuestBus } from '../bus.js';
import { connectEmbeddedBus } from '../embedded-bus.js';
import { bootGuestDriver } from '../guest-driver.js';
import { openVfioBus } from '../vfio-bus.js';

runMain('guest-driver', async ({ signal, log, ready }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      bus: { type: 'string', default: 'embedded' },
      'no-slow-timer': { type: 'boolean', default: false },
    },
  });
  const paths = runPaths(values['run-dir']);
  const buses: Readonly<Record<string, () => Promise<GuestBus>>> = {
    embedded: () =>
      connectEmbeddedBus(paths.qemuSocket, () => log.warn('the ivshmem server is gone; the guest goes on')),
    vfio: async () => openVfioBus(),
  };
  const connectBus = Object.hasOwn(buses, values.bus) ? buses[values.bus] : undefined;
  if (!connectBus) throw new Error(`--bus is ${Object.keys(buses).join(' or ')}, not ${values.bus}`);

  await using guest = await bootGuestDriver({
    connectBus,
    deviceDirectory: paths.deviceDir,
    slowTimer: values['no-slow-timer'] ? 'off' : 'on',
  });
  using _reporting = reportAnomalies(guest.driver.counters, (grown) =>
    log.warn(grown, 'things that should not happen, since the last line of this kind'),
  );
  ready({ epoch: guest.driver.epoch, regions: guest.driver.layout.regions.map(({ name }) => name) });
  const ended = AbortSignal.any([signal, guest.lost]);
  if (!ended.aborted) await once(ended, 'abort');
  log.debug({ counters: guest.driver.counters }, 'ending');
  if (guest.lost.aborted) throw guest.lost.reason;
});
