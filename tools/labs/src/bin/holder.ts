#!/usr/bin/env node
// holder --run-dir DIR: a guest process that claims the first page of `lab_pages`, writes into it, and keeps it until it
// is killed.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { claimPage } from '../claim-page.js';
import { keeper } from '../regions.js';

runMain('holder', async ({ signal, ready, report }) => {
  const { values } = parseArgs({ options: { 'run-dir': { type: 'string', default: '.' } } });
  using device = await openGuest({ deviceDirectory: runPaths(values['run-dir']).deviceDir });
  using manager = await device.open(keeper);
  const claim = await claimPage(device, manager, 7);
  if (claim.outcome !== 'granted') throw new Error('the page is taken');
  using lease = claim.lease;
  lease.bytes.fill(0xaa);
  ready();
  report({ wrote: lease.bytes[0] });
  await once(signal, 'abort');
});
