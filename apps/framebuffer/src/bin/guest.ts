#!/usr/bin/env node
// guest --run-dir DIR [--frames N] [--interval-ms MS]: presents a moving box, with damage, from slots of its own.
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { boxAt, drawBox } from '../box.js';
import { openFramebuffer } from '../guest.js';
import { framebufferSlots, slotBytesOf, slotCount, slotSize } from '../slots.js';
import { openSwapChain } from '../swap-chain.js';

runMain('framebuffer-guest', async ({ signal, ready }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      frames: { type: 'string', default: 'Infinity' },
      'interval-ms': { type: 'string', default: '250' },
    },
  });
  using device = await openGuest({ deviceDirectory: runPaths(values['run-dir']).deviceDir });
  using region = await device.open(framebufferSlots);
  using framebuffer = await openFramebuffer(device);
  const generation = region.data.generation.add(1) + 1;
  const slots = Array.from({ length: slotCount }, (_, entry) => ({
    reference: { epoch: device.epoch, entry, generation },
    ...slotSize,
  }));
  const swapChain = openSwapChain(framebuffer, slots);
  ready({ epoch: device.epoch });
  const ending = AbortSignal.any([signal, device.lost]);
  for (let left = Number(values.frames); left > 0; left--) {
    const slot = await swapChain.acquire({ signal: ending });
    const drawnAtNs = process.hrtime.bigint();
    const serial = framebuffer.nextSerial;
    drawBox(slotBytesOf(region, slot.reference.entry) as Uint8Array, serial);
    swapChain.present(slot, { drawnAtNs, damage: [boxAt(serial - 1), boxAt(serial)] });
    process.stdout.write(`presented frame ${serial} from slot ${slot.reference.entry}\n`);
    await setTimeout(Number(values['interval-ms']), undefined, { signal: ending });
  }
  return 0;
});
