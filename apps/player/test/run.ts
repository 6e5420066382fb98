/** What the player's tests start around it: the whole guest, and this process as the host that sees its pictures. */
import { join } from 'node:path';
import { type FramebufferHost, type HostFrame, openFramebuffer } from '@vsoc/framebuffer/host';
import { framebuffer } from '@vsoc/framebuffer/layout';
import { openGrallocHost } from '@vsoc/gralloc/host';
import { grallocManager, grallocMemory } from '@vsoc/gralloc/layout';
import { DisposableStack } from '@vsoc/native';
import type { Child, LaunchSpec } from '@vsoc/process/launcher';
import { orNone, startGuestProcesses } from '@vsoc/testkit';
import { connectHost } from '@vsoc/vsoc/host';
import { system } from '@vsoc/vsoc/layout';
import { type PatternSize, pixelAt } from '../src/pattern.js';

export const size: PatternSize = { widthPx: 200, heightPx: 100 };
/** Of a picture's lines: 200 pixels, rounded up to cache lines. */
const strideBytes = 832;

export type TestRun = Awaited<ReturnType<typeof startRun>>;

export async function startRun() {
  const processes = await startGuestProcesses({
    regions: [system, grallocManager, grallocMemory, framebuffer],
    tailBytes: { gralloc_memory: 32 * 1024 * 1024 },
  });
  const allocator = await orNone(processes, () =>
    processes.start({ name: 'gralloc', program: 'apps/gralloc/dist/bin/allocator.js' }),
  );
  const { paths, runDir, driver } = processes;
  return {
    processes,
    paths,
    driver,
    allocator,
    /** A place for a file that goes with the run. */
    file: (name: string) => join(runDir, name),
    /** Of `size` unless `args` say otherwise. */
    async startPlayer(args: string[], spec: Partial<LaunchSpec> = {}): Promise<Child & AsyncDisposable> {
      const sized = args.some((arg) => /^--(size|stdin)/.test(arg)) ? args : ['--size', sizeText, ...args];
      const program = 'apps/player/dist/bin/player.js';
      const child = await processes.start({ name: 'player', program, args: sized, ...spec });
      return { ...child, [Symbol.asyncDispose]: async () => void (await child.stop()) };
    },
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}

/** For a frame that never comes: before the test's own time is over. */
const framesTimeoutMs = 90_000;

export const sizeText = `${size.widthPx}x${size.heightPx}`;

export interface TestHost extends Disposable {
  readonly framebuffer: FramebufferHost;
  /** Takes frames until `isEnough` says so. */
  take(isEnough: (frame: HostFrame, count: number) => boolean): Promise<HostFrame[]>;
}

export async function openHost({ paths }: TestRun): Promise<TestHost> {
  using stack = new DisposableStack();
  const host = stack.use(await connectHost({ serverSocket: paths.serverSocket }));
  const buffers = stack.use(await openGrallocHost(host));
  const half = stack.use(await openFramebuffer(host, { buffers }));
  const owned = stack.move();
  return {
    framebuffer: half,
    async take(isEnough) {
      const taken: HostFrame[] = [];
      for await (const frame of half.frames({ signal: AbortSignal.timeout(framesTimeoutMs) })) {
        taken.push(frame);
        if (isEnough(frame, taken.length)) break;
      }
      return taken;
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

/** The frame's pixels without what stands behind its lines. */
export function pixelsOf({ rgba, widthPx, heightPx, ...frame }: HostFrame): Buffer {
  const lines = Array.from({ length: heightPx }, (_, y) =>
    rgba.subarray(y * frame.strideBytes, y * frame.strideBytes + widthPx * 4),
  );
  if (frame.strideBytes !== strideBytes) throw new Error(`the stride is ${frame.strideBytes}`);
  return Buffer.concat(lines);
}

/** The pattern by its definition, pixel by pixel. */
export function patternPixels(serial: number): Buffer {
  const pixels = Buffer.alloc(size.widthPx * size.heightPx * 4);
  for (let y = 0; y < size.heightPx; y++) {
    for (let x = 0; x < size.widthPx; x++)
      pixels.writeUInt32LE(pixelAt(x, y, serial, size), (y * size.widthPx + x) * 4);
  }
  return pixels;
}

/** Pixels of one colour, as 0xAABBGGRR. */
export function plainPixels(colour: number): Buffer {
  const pixels = new Uint32Array(size.widthPx * size.heightPx).fill(colour);
  return Buffer.from(pixels.buffer);
}
