/** What every HAL must hold, for this one. The buffers are a picture that both sides know: gralloc has a suite of its own. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Framebuffer, openFramebuffer } from '@vsoc/framebuffer/guest';
import { type FramebufferHost, openFramebuffer as openFramebufferHost } from '@vsoc/framebuffer/host';
import { framebuffer } from '@vsoc/framebuffer/layout';
import { type Bound, conformanceSuite, hearing } from '@vsoc/testkit/conformance';

const source = { reference: { epoch: 1, entry: 2, generation: 3 }, widthPx: 16, heightPx: 4, format: 1 };
const lines = new Uint8Array(64 * source.heightPx);
const buffer = { ...source, strideBytes: 64, bytes: () => lines, isCurrent: () => true };

async function untilReleased(
  half: Framebuffer,
  serial: number,
  bound: Bound,
): Promise<'released' | 'timed-out'> {
  for (;;) {
    const seen = half.lastReleased();
    if (half.isReleased(serial)) return 'released';
    if (process.hrtime.bigint() >= bound.deadlineNs) return 'timed-out';
    await nextTurn();
    await half.untilRelease(seen, bound);
  }
}

await conformanceSuite(import.meta.url, {
  name: 'framebuffer',
  regions: [framebuffer],
  guest: {
    open: ({ device }) => openFramebuffer(device),
    tell: (half) => half.present(source, { drawnAtNs: process.hrtime.bigint() }),
    untilAnswered: untilReleased,
  },
  host: {
    open: ({ device }) => openFramebufferHost(device, { buffers: { resolve: () => buffer } }),
    hear: hearing(
      (half: FramebufferHost, options) => half.frames(options),
      ({ serial }) => serial,
    ),
  },
});
