#!/usr/bin/env node
// host --run-dir DIR: prints each frame that it takes out of the window, until it is told to end or the server is gone.
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { connectHost, type HostRegion } from '@vsoc/vsoc/host';
import { type BufferSource, type HostFrame, openFramebuffer } from '../host.js';
import { framebufferSlots, slotBytesOf, slotSize } from '../slots.js';

runMain('framebuffer-host', async ({ signal, ready }) => {
  const { values } = parseArgs({ options: { 'run-dir': { type: 'string', default: '.' } } });
  using device = await connectHost({ serverSocket: runPaths(values['run-dir']).serverSocket });
  using region = await device.open(framebufferSlots);
  using framebuffer = await openFramebuffer(device, { buffers: slotsOf(region, () => device.guestEpoch()) });
  ready({ epoch: device.guestEpoch() });
  const ending = AbortSignal.any([signal, device.lost]);
  for await (const frame of framebuffer.frames({ signal: ending })) {
    process.stdout.write(`${describe(frame)}\n`);
  }
});

/** The slots as a source of buffers, in gralloc's place. */
function slotsOf(region: HostRegion<typeof framebufferSlots>, epoch: () => number): BufferSource {
  return {
    resolve(reference) {
      const isCurrent = () =>
        reference.epoch === epoch() && reference.generation === region.data.generation.load();
      const lines = slotBytesOf(region, reference.entry);
      if (!lines || !isCurrent()) return undefined;
      return { ...slotSize, bytes: () => lines, isCurrent };
    },
  };
}

function describe({ serial, widthPx, heightPx, damage, drawnAtNs }: HostFrame): string {
  const copiedPx = damage.reduce((sum, { width, height }) => sum + width * height, 0);
  const ageMs = Number(process.hrtime.bigint() - drawnAtNs) / 1e6;
  return `frame ${serial}: ${widthPx}×${heightPx}, ${copiedPx} px copied, ${ageMs.toFixed(1)} ms after drawing began`;
}
