// ivshmem-server --run-dir DIR: plans nothing itself; serves the window of DIR/layout.json until it is told to end.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { layoutFromJson } from '@vsoc/vsoc/layout';
import { openServer } from '../server.js';

runMain('ivshmem-server', async ({ signal, log, ready }) => {
  const { values } = parseArgs({ options: { 'run-dir': { type: 'string', default: '.' } } });
  const paths = runPaths(values['run-dir']);
  const layout = layoutFromJson(readFileSync(paths.layoutFile, 'utf8'));
  using _server = openServer(
    { layout, hostSocket: paths.serverSocket, guestSocket: paths.qemuSocket },
    {
      onGuest: (event) => log.info(`guest ${event}`),
      onEpoch: (epoch) => log.info({ epoch }, 'guest started'),
      onRefused: (who, reason) => log.warn(`refused a ${who}: ${reason}`),
    },
  );
  ready({ regions: layout.regions.length, windowBytes: layout.sizeBytes });
  if (!signal.aborted) await once(signal, 'abort');
});
