#!/usr/bin/env node
// host --run-dir DIR: prints each beat that it hears, until it is told to end or the server is gone.
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { connectHost } from '@vsoc/vsoc/host';
import { openHeartbeatHost } from '../host.js';

runMain('heartbeat-host', async ({ signal, ready }) => {
  const { values } = parseArgs({ options: { 'run-dir': { type: 'string', default: '.' } } });
  using device = await connectHost({ serverSocket: runPaths(values['run-dir']).serverSocket });
  using heartbeat = await openHeartbeatHost(device);
  ready({ epoch: device.guestEpoch() });
  const ending = AbortSignal.any([signal, device.lost]);
  for await (const { epoch, beat } of heartbeat.beats({ signal: ending })) {
    process.stdout.write(`epoch ${epoch} beat ${beat}\n`);
  }
});
