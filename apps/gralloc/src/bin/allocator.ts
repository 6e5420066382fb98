#!/usr/bin/env node
// allocator --run-dir DIR [--budget-bytes N] [--budget-buffers N]: gralloc's allocator process. Ends when the guest has
// crashed.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { type AllocatorOptions, openAllocator } from '../allocator.js';
import { serveAllocator } from '../service.js';
import { allocatorSocketOf } from '../sockets.js';

runMain('gralloc', async ({ signal, ready }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      'budget-bytes': { type: 'string' },
      'budget-buffers': { type: 'string' },
    },
  });
  const paths = runPaths(values['run-dir']);
  using device = await openGuest({ deviceDirectory: paths.deviceDir });
  using allocator = await openAllocator(device, budgetOf(values));
  using _service = serveAllocator(allocatorSocketOf(paths), allocator);
  ready({ epoch: device.epoch });
  const ended = AbortSignal.any([signal, device.lost]);
  if (!ended.aborted) await once(ended, 'abort');
  if (device.lost.aborted) throw device.lost.reason;
});

type Budgets = Readonly<Partial<Record<'budget-bytes' | 'budget-buffers', string>>>;

function budgetOf(values: Budgets): AllocatorOptions {
  const budgetBytes = countOf('budget-bytes', values);
  const budgetBuffers = countOf('budget-buffers', values);
  return {
    ...(budgetBytes === undefined ? {} : { budgetBytes }),
    ...(budgetBuffers === undefined ? {} : { budgetBuffers }),
  };
}

function countOf(name: keyof Budgets, values: Budgets): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const count = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new Error(`--${name} ${text}: expected a whole number of ${name.slice('budget-'.length)}`);
}
