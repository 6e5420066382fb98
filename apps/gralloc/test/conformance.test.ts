/** What every HAL must hold, for this one: a buffer that the guest half painted is found by the host half. */
import { pixelFormat } from '@vsoc/gralloc/formats';
import { type GraphicsBuffer, openGralloc } from '@vsoc/gralloc/guest';
import { type GrallocHost, openGrallocHost, type ResolvedBuffer } from '@vsoc/gralloc/host';
import { grallocManager, grallocMemory } from '@vsoc/gralloc/layout';
import { allocatorSocketOf } from '@vsoc/gralloc/sockets';
import { usage } from '@vsoc/gralloc/usage';
import { conformanceSuite, type GuestPlace } from '@vsoc/testkit/conformance';
import { VsocError } from '@vsoc/vsoc';

const drawnAndShown = usage.cpuRead | usage.cpuWrite | usage.hostRead;
const picture = { widthPx: 64, heightPx: 16, format: pixelFormat.rgba8888, usage: drawnAndShown };

interface Painter extends Disposable {
  paint(): Promise<Painting>;
}

/** A buffer's reference, and the byte that fills it. */
type Painting = {
  readonly epoch: number;
  readonly entry: number;
  readonly generation: number;
  readonly byte: number;
};

async function openPainter({ device, paths }: GuestPlace): Promise<Painter> {
  const gralloc = await openGralloc(device, { allocatorSocket: allocatorSocketOf(paths) });
  let painted: GraphicsBuffer | undefined;
  return {
    async paint() {
      const buffer = await gralloc.allocate(picture);
      if ('refused' in buffer) throw new VsocError(buffer.refused, 'paint', 'no room');
      painted?.[Symbol.dispose]();
      painted = buffer;
      const byte = (buffer.reference.generation + buffer.reference.entry) & 0xff;
      buffer.bytes.fill(byte);
      return { ...buffer.reference, byte };
    },
    [Symbol.dispose]() {
      painted?.[Symbol.dispose]();
      gralloc[Symbol.dispose]();
    },
  };
}

/** Undefined where the attacked table no longer says what it was resolved from. */
function copyOf(buffer: ResolvedBuffer): Uint8Array | undefined {
  try {
    return buffer.bytes().slice();
  } catch (error) {
    if (error instanceof VsocError && error.code === 'ESTALE') return undefined;
    throw error;
  }
}

/** With the byte that the host sees; 256 where there is no such buffer, or not one byte all over. */
function look(half: GrallocHost, painting: Painting): Painting {
  const buffer = half.resolve(painting);
  const bytes = buffer && copyOf(buffer);
  const first = bytes?.[0] ?? 256;
  const isWhole = bytes?.every((byte) => byte === first) && buffer?.isCurrent();
  return { ...painting, byte: isWhole ? first : 256 };
}

await conformanceSuite(import.meta.url, {
  name: 'gralloc',
  regions: [grallocManager, grallocMemory],
  guestPrograms: ['apps/gralloc/dist/bin/allocator.js'],
  guest: { open: openPainter, tell: (painter) => painter.paint() },
  host: { open: ({ device }) => openGrallocHost(device), look },
  // An owner word that was scribbled over without an owner is free again after the guest's next boot only.
  afterAttack: 'restored',
});
