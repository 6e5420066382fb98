/** What the framebuffer's tests with real processes start, and this process as the host that watches. */
import { DisposableStack } from '@vsoc/native';
import type { Child } from '@vsoc/process/launcher';
import { startGuestProcesses } from '@vsoc/testkit';
import { connectHost } from '@vsoc/vsoc/host';
import { system, tailOf } from '@vsoc/vsoc/layout';
import { type BufferSource, type FramebufferHost, type HostFrame, openFramebuffer } from '../src/host.js';
import { framebuffer } from '../src/layout.js';
import { pixelAt, pixels, size, slotBytes, slotCount, type TestPicture } from './fixtures/pixels.mjs';

export type TestRun = Awaited<ReturnType<typeof startRun>>;

/** Server and guest driver; guests and hosts come and go. */
export async function startRun() {
  const processes = await startGuestProcesses({ regions: [system, framebuffer, pixels] });
  return {
    processes,
    paths: processes.paths,
    async startGuest(name: string, ...args: string[]): Promise<Child & AsyncDisposable> {
      const program = `apps/framebuffer/test/fixtures/${name}.mjs`;
      const child = await processes.start({ name, program, args });
      return { ...child, [Symbol.asyncDispose]: async () => void (await child.stop()) };
    },
    [Symbol.asyncDispose]: () => processes[Symbol.asyncDispose](),
  };
}

/** This process as a host. `around` may stand between the half and the slots. */
export async function openHost(
  { paths }: TestRun,
  around: (slots: BufferSource) => BufferSource = (slots) => slots,
): Promise<FramebufferHost> {
  using stack = new DisposableStack();
  const host = stack.use(await connectHost({ serverSocket: paths.serverSocket }));
  const region = stack.use(await host.open(pixels));
  const { offset } = tailOf(pixels, region.layout);
  const slots: BufferSource = {
    resolve({ entry, generation }) {
      const isCurrent = () => region.data.generation.load() === generation;
      if (entry >= slotCount || !isCurrent()) return undefined;
      const begin = offset + entry * slotBytes;
      return { ...size, bytes: () => region.bytes(begin, begin + slotBytes), isCurrent };
    },
  };
  const half = stack.use(await openFramebuffer(host, { buffers: around(slots) }));
  const owned = stack.move();
  return { ...half, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}

/** For a frame that never comes: before the test's own time is over. */
export const framesTimeoutMs = 90_000;

/** Takes frames until `isEnough` says so. */
export async function takeFrames(
  host: FramebufferHost,
  isEnough: (frame: HostFrame, count: number) => boolean,
): Promise<HostFrame[]> {
  const taken: HostFrame[] = [];
  for await (const frame of host.frames({ signal: AbortSignal.timeout(framesTimeoutMs) })) {
    taken.push(frame);
    if (isEnough(frame, taken.length)) break;
  }
  return taken;
}

export const serialsOf = (frames: readonly HostFrame[]) => frames.map(({ serial }) => serial);

/** Where the picture is not what its serial demands; undefined for a right one. */
export function firstWrongPixel(picture: TestPicture, frame: HostFrame): string | undefined {
  const { serial, strideBytes, rgba } = frame;
  const view = new DataView(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  for (let y = 0; y < size.heightPx; y++) {
    for (let x = 0; x < size.widthPx; x++) {
      const seen = view.getUint32(y * strideBytes + x * 4, true);
      const expected = pixelAt(picture, x, y, serial);
      if (seen !== expected) return `frame ${serial}, pixel ${x}, ${y}: ${seen} instead of ${expected}`;
    }
  }
  return undefined;
}
