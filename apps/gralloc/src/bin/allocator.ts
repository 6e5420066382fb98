#!/usr/bin/env node
// gralloc's allocator process: allocator --run-dir DIR [--budget-bytes N]. Ends when the guest has crashed.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { type AllocatorOptions, openAllocator } from '../allocator.js';
import { serveAllocator } from '../service.js';
import { allocatorSocketOf } from '../sockets.js';

runMain('gralloc', async ({ signal, ready }) => {
  const { values } = parseArgs({
    options: { 'run-dir': { type: 'string', default: '.' }, 'budget-bytes': { type: 'string' } },
  });
  const paths = runPaths(values['run-dir']);
  using device = await openGuest({ deviceDirectory: paths.deviceDir });
  using allocator = await openAllocator(device, budgetOf(values['budget-bytes']));
  using _service = serveAllocator(allocatorSocketOf(paths), allocator);
  ready({ epoch: device.epoch });
  const ended = AbortSignal.any([signal, device.lost]);
  if (!ended.aborted) await once(ended, 'abort');
  if (device.lost.aborted) throw device.lost.reason;
});

function budgetOf(text: string | undefined): AllocatorOptions {
  if (text === undefined) return {};
  const budgetBytes = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(budgetBytes))
    throw new Error(`--budget-bytes ${text}: expected a whole number of bytes`);
  return { budgetBytes };
}
