#!/usr/bin/env node
// gralloc's allocator process: allocator --run-dir DIR. Ends when the guest has crashed.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { openAllocator } from '../allocator.js';
import { allocatorSocketOf } from '../hand-over.js';
import { serveAllocator } from '../service.js';

runMain('gralloc', async ({ signal, ready }) => {
  const { values } = parseArgs({ options: { 'run-dir': { type: 'string', default: '.' } } });
  const paths = runPaths(values['run-dir']);
  using device = await openGuest({ deviceDirectory: paths.deviceDir });
  using allocator = await openAllocator(device);
  using _service = serveAllocator(allocatorSocketOf(paths), allocator);
  ready({ epoch: device.epoch });
  const ended = AbortSignal.any([signal, device.lost]);
  if (!ended.aborted) await once(ended, 'abort');
  if (device.lost.aborted) throw device.lost.reason;
});
