// The player's loop: a frame that is due, a buffer that is free, draw, present.
import type { Framebuffer } from '@vsoc/framebuffer/guest';
import type { SwapChain } from '@vsoc/framebuffer/swap-chain';
import type { GraphicsBuffer } from '@vsoc/gralloc/guest';
import type { PictureSource } from './source.js';

/** Shows all that `source` has; resolves when it ends. */
export async function play(
  source: PictureSource,
  framebuffer: Framebuffer,
  swapChain: SwapChain<GraphicsBuffer>,
  options: { signal: AbortSignal },
): Promise<void> {
  for await (const frame of source(options)) {
    const buffer = await swapChain.acquire(options);
    const drawnAtNs = process.hrtime.bigint();
    frame.draw(buffer, framebuffer.nextSerial);
    swapChain.present(buffer, { drawnAtNs });
  }
}
