// What this process sees of the guest's pictures, as a host does.

import { type FramebufferHost, openFramebuffer } from '@vsoc/framebuffer/host';
import { openGrallocHost } from '@vsoc/gralloc/host';
import { grallocManager, grallocMemory } from '@vsoc/gralloc/layout';
import { DisposableStack } from '@vsoc/native';
import { type PatternSize, pixelAt } from '@vsoc/player/pattern';
import { connectHost, type HostRegion } from '@vsoc/vsoc/host';

export interface Eyes extends Disposable {
  readonly framebuffer: FramebufferHost;
  readonly manager: HostRegion<typeof grallocManager>;
  readonly memory: HostRegion<typeof grallocMemory>;
}

/** The first frame waits for the guest's player. */
const framesTimeoutMs = 300_000;

export async function openEyes(serverSocket: string): Promise<Eyes> {
  using stack = new DisposableStack();
  const host = stack.use(await connectHost({ serverSocket }));
  const buffers = stack.use(await openGrallocHost(host));
  const framebuffer = stack.use(await openFramebuffer(host, { buffers }));
  const manager = stack.use(await host.open(grallocManager));
  const memory = stack.use(await host.open(grallocMemory));
  const owned = stack.move();
  return { framebuffer, manager, memory, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}

/** Serials of `count` frames, of which every pixel was as the pattern says; rejects at the first other one. */
export async function patternFrames(eyes: Eyes, size: PatternSize, count: number): Promise<number[]> {
  const serials: number[] = [];
  for await (const frame of eyes.framebuffer.frames({ signal: AbortSignal.timeout(framesTimeoutMs) })) {
    const { serial, rgba, strideBytes, widthPx, heightPx } = frame;
    if (widthPx !== size.widthPx || heightPx !== size.heightPx) throw new Error(`${widthPx}×${heightPx} px`);
    const view = new DataView(rgba.buffer, rgba.byteOffset, rgba.byteLength);
    for (let y = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++) {
        const seen = view.getUint32(y * strideBytes + x * 4, true);
        if (seen !== pixelAt(x, y, serial, size)) throw new Error(`frame ${serial}: (${x}, ${y}) is ${seen}`);
      }
    }
    if (serials.push(serial) === count) break;
  }
  return serials;
}

/** One entry of gralloc's table, and the area that it named when this was called. */
export function entryOf({ manager, memory }: Eyes, index: number) {
  const entry = manager.data.entries.at(index);
  const { beginOffset, endOffset } = entry;
  return {
    owner: () => entry.owner.load(),
    bytes: () => memory.bytes(beginOffset, endOffset),
  };
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
