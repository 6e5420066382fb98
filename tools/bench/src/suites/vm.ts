// The guest in a virtual machine beside the embedded one, with the same halves on the same host: what a round trip through
// the doorbells costs, and how many frames a second arrive. The machine is emulated: its processor is many times slower.
import { openFramebuffer } from '@vsoc/framebuffer/host';
import { framebuffer } from '@vsoc/framebuffer/layout';
import { openGrallocHost } from '@vsoc/gralloc/host';
import { grallocManager, grallocMemory } from '@vsoc/gralloc/layout';
import { connectHost } from '@vsoc/vsoc/host';
import { planWindow, system } from '@vsoc/vsoc/layout';
import { alternate } from '../alternate.js';
import type { Bench } from '../bench.js';
import { benchRegion } from '../bench-region.js';
import { type GuestPlace, openGuestPlace, type RunningProgram } from '../guest-place.js';
import { runPeers } from '../peer.js';
import { row } from '../row.js';
import { roundTripRows } from './round-trip.js';

const size = { trips: 1000, warmUp: 300 };
const anywhere = -1;
const anchorName = 'embedded guest';
const pattern = ['--size', '1280x720', '--fps', '240'];
const framesMs = 3000;

const layout = planWindow([system, benchRegion, grallocManager, grallocMemory, framebuffer], {
  tailBytes: { gralloc_memory: 24 * 1024 * 1024 },
});

function startHalf(place: GuestPlace): Promise<RunningProgram> {
  const numbers = [size.trips, size.warmUp, anywhere].map(String);
  return place.start('tools/bench/dist/peers/guest-half.js', [...numbers, place.guestRunDir]);
}

/** It draws for this round alone: another guest's player would take its processor away. */
async function drawnFrames(place: GuestPlace, signal: AbortSignal): Promise<{ fps: number }> {
  const args = ['--run-dir', place.guestRunDir, ...pattern];
  const player = await place.start('apps/player/dist/bin/player.js', args);
  try {
    return await framesPerSecond(place, signal);
  } finally {
    await player.kill();
  }
}

const roundTrips = ({ paths }: GuestPlace, signal: AbortSignal) =>
  runPeers({ measuring: { program: 'host-half', size, cpu: anywhere, words: [paths.runDir] } }, signal);

/** Frames that the host half copied out, a second. */
async function framesPerSecond({ paths }: GuestPlace, signal: AbortSignal): Promise<{ fps: number }> {
  using host = await connectHost({ serverSocket: paths.serverSocket });
  using buffers = await openGrallocHost(host);
  using half = await openFramebuffer(host, { buffers });
  let frames = 0;
  let beginMs = 0;
  for await (const _ of half.frames({ signal })) {
    if (frames === 0) beginMs = performance.now();
    if (performance.now() - beginMs > framesMs) break;
    frames++;
  }
  return { fps: (frames * 1000) / (performance.now() - beginMs) };
}

export const vmBench: Bench = {
  name: 'vm/guest',
  about: 'doorbell round trip and frames a second, from an emulated machine beside the embedded guest',
  async run({ signal, rounds }) {
    await using machine = await openGuestPlace('machine', layout);
    await using embedded = await openGuestPlace('embedded', layout);
    for (const place of [machine, embedded]) await startHalf(place);
    const trips = await alternate(
      {
        ours: { round: () => roundTrips(machine, signal) },
        anchor: { round: () => roundTrips(embedded, signal) },
      },
      { rounds, signal },
    );
    for (const place of [machine, embedded]) {
      await place.start('apps/gralloc/dist/bin/allocator.js', ['--run-dir', place.guestRunDir]);
    }
    const frames = await alternate(
      {
        ours: { round: () => drawnFrames(machine, signal) },
        anchor: { round: () => drawnFrames(embedded, signal) },
      },
      { rounds: Math.min(rounds, 3), signal },
    );
    const { ours, anchor, spread } = frames.fps;
    return [
      ...roundTripRows({ name: 'vm/doorbell', anchorName, figures: trips, goals: {} }),
      row({ name: 'vm/frames', unit: 'frames/s', direction: 'rate', ours, anchor, anchorName, spread }),
    ];
  },
};
