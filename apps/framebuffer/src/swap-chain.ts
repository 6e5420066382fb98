// Which of a few buffers may be drawn into next. Stands beside the guest half: the half presents, this remembers.
import type { Framebuffer, FrameSource, PresentOptions } from './guest.js';

export interface SwapChain<B extends FrameSource> {
  /** A buffer that the host reads no more, never the one on show; waits for the host half's release if it must. */
  acquire(options: { signal?: AbortSignal }): Promise<B>;
  /** Shows an acquired buffer. */
  present(buffer: B, options: PresentOptions): number;
}

/** A host half that releases nothing for so long is taken for gone: then all buffers but the one on show are free. */
const releaseDeadlineMs = 250;

/** At least two buffers: one on show, one to draw into. Three let the guest draw while the host reads. */
export function openSwapChain<B extends FrameSource>(
  framebuffer: Framebuffer,
  buffers: readonly B[],
): SwapChain<B> {
  if (buffers.length < 2) throw new RangeError(`a swap chain has at least 2 buffers, not ${buffers.length}`);
  interface Shown {
    readonly serial: number;
    readonly hostGeneration: number;
  }
  const shown = new Map<B, Shown>();
  let onShow: B | undefined;
  let takenBack = false;

  function isFree(buffer: B): boolean {
    if (buffer === onShow) return false;
    const last = shown.get(buffer);
    const generation = framebuffer.hostGeneration();
    // A host half that attached later starts with the frame on show: it never heard of the earlier ones.
    if (!last || generation === 0 || generation !== last.hostGeneration || takenBack) return true;
    return framebuffer.isReleased(last.serial);
  }

  return {
    async acquire({ signal }) {
      for (;;) {
        signal?.throwIfAborted();
        // Asked before the buffers are looked at: a release in between ends the wait at once.
        const seen = framebuffer.lastReleased();
        const free = buffers.find(isFree);
        if (free) return free;
        const deadlineNs = process.hrtime.bigint() + BigInt(releaseDeadlineMs) * 1_000_000n;
        const outcome = await framebuffer.untilRelease(seen, { deadlineNs, ...(signal ? { signal } : {}) });
        takenBack = outcome === 'timed-out';
      }
    },
    present(buffer, options) {
      const serial = framebuffer.present(buffer, options);
      shown.set(buffer, { serial, hostGeneration: framebuffer.hostGeneration() });
      onShow = buffer;
      if (framebuffer.isReleased(serial - 1)) takenBack = false;
      return serial;
    },
  };
}
