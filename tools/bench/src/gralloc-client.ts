// What every peer of the gralloc benches begins with: a guest process that is connected to the allocator, and allocates
// buffers of so many bytes.
import { setImmediate } from 'node:timers/promises';
import { pixelFormat } from '@vsoc/gralloc/formats';
import { type Gralloc, type GraphicsBuffer, openGralloc } from '@vsoc/gralloc/guest';
import { allocatorSocketOf } from '@vsoc/gralloc/sockets';
import { usage } from '@vsoc/gralloc/usage';
import { DisposableStack } from '@vsoc/native';
import { runPaths } from '@vsoc/process';
import { type GuestDevice, openGuest } from '@vsoc/vsoc/guest';

export interface GrallocClient extends Disposable {
  readonly device: GuestDevice;
  readonly gralloc: Gralloc;
  /** Times that a buffer had to wait for areas that were still being zeroed. */
  readonly refusals: number;
  /** Asks until there is room, at most for as long as a peer may be silent; `onAsk` is called before each time. */
  allocate(sizeBytes: number, onAsk?: () => void): Promise<GraphicsBuffer>;
}

const refusalsLimit = 100_000;

export async function openGrallocClient(runDir: string): Promise<GrallocClient> {
  const paths = runPaths(runDir);
  using stack = new DisposableStack();
  const device = stack.use(await openGuest({ deviceDirectory: paths.deviceDir }));
  const gralloc = stack.use(await openGralloc(device, { allocatorSocket: allocatorSocketOf(paths) }));
  const cpu = usage.cpuRead | usage.cpuWrite;
  let refusals = 0;
  const owned = stack.move();
  return {
    device,
    gralloc,
    get refusals() {
      return refusals;
    },
    async allocate(sizeBytes, onAsk = () => {}) {
      const request = { widthPx: sizeBytes, heightPx: 1, format: pixelFormat.blob, usage: cpu };
      for (let left = refusalsLimit; left > 0; left--) {
        onAsk();
        const outcome = await gralloc.allocate(request);
        if (!('refused' in outcome)) return outcome;
        refusals++;
        await setImmediate();
      }
      throw new Error(`no room for ${sizeBytes} bytes, asked ${refusalsLimit} times`);
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}
