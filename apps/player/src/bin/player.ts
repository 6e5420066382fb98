#!/usr/bin/env node
// The guest app: plays a picture source onto the framebuffer. The guest side's composition root.
//
//   player --run-dir DIR [--size 1280x720] [--fps 60] [--play FILE | --stdin-rgba WxH]
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { openFramebuffer } from '@vsoc/framebuffer/guest';
import { openSwapChain } from '@vsoc/framebuffer/swap-chain';
import { pixelFormat } from '@vsoc/gralloc/formats';
import { type Gralloc, type GraphicsBuffer, openGralloc } from '@vsoc/gralloc/guest';
import { allocatorSocketOf } from '@vsoc/gralloc/sockets';
import { usage } from '@vsoc/gralloc/usage';
import { DisposableStack } from '@vsoc/native';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { parseFps, parseSize } from '../arguments.js';
import type { PatternSize } from '../pattern.js';
import { play } from '../play.js';
import type { PictureSource } from '../source.js';
import { imageSource, patternSource, rawSource } from '../sources.js';

/** One on show, one that the host reads, one to draw into. */
const bufferCount = 3;
const drawnAndShown = usage.cpuRead | usage.cpuWrite | usage.hostRead;

runMain('player', async ({ signal, ready, log }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      size: { type: 'string', default: '1280x720' },
      fps: { type: 'string', default: '60' },
      play: { type: 'string' },
      'stdin-rgba': { type: 'string' },
    },
  });
  const rawSize = values['stdin-rgba'];
  if (rawSize !== undefined && values.play !== undefined)
    throw new Error('--play and --stdin-rgba exclude each other');
  const size = rawSize === undefined ? parseSize('--size', values.size) : parseSize('--stdin-rgba', rawSize);
  const source = await chooseSource(size);
  const paths = runPaths(values['run-dir']);
  using device = await openGuest({ deviceDirectory: paths.deviceDir });
  const ended = AbortSignal.any([signal, device.lost]);
  using gralloc = await openGralloc(device, { allocatorSocket: allocatorSocketOf(paths) });
  using framebuffer = await openFramebuffer(device);
  using buffers = new DisposableStack();
  const swapChain = openSwapChain(framebuffer, await allocate(gralloc, size, { buffers, signal: ended }));
  ready({ ...size });
  await play(source, framebuffer, swapChain, { signal: ended }).catch((error) => {
    // What was aborted says only that; why stands in the signal.
    throw ended.aborted ? ended.reason : error;
  });
  log.debug('the source has ended; its last frame stays');
  if (!ended.aborted) await once(ended, 'abort');
  if (device.lost.aborted) throw device.lost.reason;

  async function chooseSource(shown: PatternSize): Promise<PictureSource> {
    if (rawSize !== undefined) return rawSource(process.stdin, shown);
    if (values.play !== undefined) return imageSource(values.play, shown);
    return patternSource(parseFps('--fps', values.fps));
  }
});

async function allocate(
  gralloc: Gralloc,
  size: PatternSize,
  { buffers: stack, signal }: { buffers: DisposableStack; signal: AbortSignal },
): Promise<GraphicsBuffer[]> {
  const buffers: GraphicsBuffer[] = [];
  const wanted = { ...size, format: pixelFormat.rgba8888, usage: drawnAndShown };
  while (buffers.length < bufferCount) {
    const buffer = await gralloc.allocate(wanted, { signal });
    if ('refused' in buffer) {
      const why =
        buffer.refused === 'ENOSPC'
          ? `the largest free run has ${buffer.largestFreeBytes} B`
          : `${buffer.remainingBytes} B of this process's budget are left`;
      throw new Error(`no room for ${bufferCount} buffers of ${size.widthPx}×${size.heightPx}: ${why}`);
    }
    buffers.push(stack.use(buffer));
  }
  return buffers;
}
