#!/usr/bin/env node
// host --run-dir DIR: prints which buffers the host half can resolve, as they come and go. Nothing signals that, since no
// host needs to know it: a reference comes through another HAL. So this one looks at the table every now and then.
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { connectHost } from '@vsoc/vsoc/host';
import { openGrallocHost, type ResolvedBuffer } from '../host.js';
import { grallocManager } from '../layout.js';
import { type BufferReference, nameOf } from '../protocol.js';

const lookMs = 20;

runMain('gralloc-host', async ({ signal, ready }) => {
  const { values } = parseArgs({ options: { 'run-dir': { type: 'string', default: '.' } } });
  using device = await connectHost({ serverSocket: runPaths(values['run-dir']).serverSocket });
  using manager = await device.open(grallocManager);
  using buffers = await openGrallocHost(device);
  ready({ epoch: device.guestEpoch() });
  const ending = AbortSignal.any([signal, device.lost]);
  const seen = new Map<number, { reference: BufferReference; buffer: ResolvedBuffer }>();
  for (;;) {
    for (const [entry, { reference, buffer }] of seen) {
      if (buffer.isCurrent()) continue;
      seen.delete(entry);
      say(`${nameOf(reference)} is gone`);
    }
    for (const [entry, { owner }] of [...manager.data.entries].entries()) {
      const generation = owner.load();
      if (generation === 0 || seen.has(entry)) continue;
      const reference = { epoch: device.guestEpoch(), entry, generation };
      const buffer = buffers.resolve(reference);
      if (!buffer) continue;
      seen.set(entry, { reference, buffer });
      say(`${nameOf(reference)} is ${buffer.widthPx}×${buffer.heightPx}, lines of ${buffer.strideBytes} B`);
    }
    await setTimeout(lookMs, undefined, { signal: ending });
  }
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
