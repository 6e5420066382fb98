// ivshmem-server --run-dir DIR: plans nothing itself; serves the window of DIR/layout.json until it is told to end.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { layoutFromJson } from '@vsoc/vsoc/layout';
import { guestIsGone, takeHandOver } from '../hand-over.js';
import { openRefusals } from '../refusals.js';
import { openServer } from '../server.js';

runMain('ivshmem-server', async ({ log, ready, told }) => {
  const { values } = parseArgs({ options: { 'run-dir': { type: 'string', default: '.' } } });
  const paths = runPaths(values['run-dir']);
  const layout = layoutFromJson(readFileSync(paths.layoutFile, 'utf8'));
  using refusals = openRefusals((line) => log.warn(line));
  using server = openServer(
    {
      layout,
      hostSocket: paths.serverSocket,
      guestSocket: paths.qemuSocket,
      handedOver: takeHandOver(layout.regions.length),
    },
    {
      onGuest: (event) => log.info(`guest ${event}`),
      onEpoch: (epoch) => log.info({ epoch }, 'guest started'),
      onRefused: (who, reason) => refusals.add(who, reason),
    },
  );
  ready({ regions: layout.regions.length, windowBytes: layout.sizeBytes });
  for await (const message of told) {
    if ('guest' in message && message.guest === guestIsGone.guest) server.formerGuestIsGone();
  }
});
