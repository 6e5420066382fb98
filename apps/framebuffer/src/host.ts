// Host half of the framebuffer: each frame that the guest presents, read once under the sequence word, its damage copied
// out of the window, and only then believed. Only this side writes `released` and `hostGeneration`.
import type { Values } from '@vsoc/struct';
import { VsocError } from '@vsoc/vsoc';
import type { HostDevice } from '@vsoc/vsoc/host';
import { readRecord } from '@vsoc/vsoc/rings';
import { damageLimit, framebuffer, frameRecord, shownFormat } from './layout.js';
import { copyPicture, type Picture } from './picture.js';
import { clip, type Rect, whole } from './rect.js';

/** Where buffers come from: gralloc's host half satisfies it. */
export interface BufferSource {
  resolve(reference: {
    readonly epoch: number;
    readonly entry: number;
    readonly generation: number;
  }): SourceBuffer | undefined;
}

export interface SourceBuffer {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
  /** Others than shownFormat are not shown. */
  readonly format: number;
  /** Throws ESTALE once the buffer is gone. */
  bytes(): Uint8Array;
  isCurrent(): boolean;
}

/** One frame: a private copy that nobody changes any more. */
export interface HostFrame extends Picture {
  readonly serial: number;
  /** Since the frame that this half gave out before; the whole picture when that is not known. */
  readonly damage: readonly Rect[];
  /** When the guest drew its first pixel, on this side's clock, the way across the window not counted. */
  readonly drawnAtNs: bigint;
}

export interface FramebufferHost extends Disposable {
  /** The newest frame whenever there is a new one; frames that a slow reader misses are passed over. */
  frames(options: { signal: AbortSignal }): AsyncIterable<HostFrame>;
  readonly counters: Readonly<FrameCounters>;
}

export interface FrameCounters {
  /** Frames that changed under the copy, or whose buffer was gone: another follows. */
  superseded: number;
  /** Records that name no buffer that could be read. */
  unreadable: number;
}

/** No frame takes so long to draw; what the guest claims beyond it is cut off. */
const longestAgeUs = 10_000_000;

/** Rejects with VersionError, ENOENT without such a region. */
export async function openFramebuffer(
  host: HostDevice,
  options: { buffers: BufferSource },
): Promise<FramebufferHost> {
  const region = await host.open(framebuffer);
  const { sequence, frame, released, hostGeneration } = region.data;
  const counters: FrameCounters = { superseded: 0, unreadable: 0 };
  let previous: HostFrame | undefined;

  /** The frame of a record, copied and checked; undefined where it cannot be shown. */
  function take(record: NonNullable<ReturnType<typeof readFrameRecord>>): HostFrame | undefined {
    const copied = copy(record.value);
    // Both before the release: from then on the guest may draw into the buffer, or free it.
    const isSame = sequence.load() === record.sequence && copied?.buffer.isCurrent() === true;
    // SYNC POINT frame-released (release side). Pairs with guest.ts isReleased.
    released.store(record.value.serial);
    region.signalPeer(released);
    if (!copied) {
      counters.unreadable++;
      return undefined;
    }
    if (!isSame || !copied.frame) {
      counters.superseded++;
      return undefined;
    }
    previous = copied.frame;
    return previous;
  }

  // SYNC POINT frame-published (acquire side). Pairs with guest.ts present.
  const readFrameRecord = () => readRecord(sequence, () => frameRecord.snapshot(frame));

  /** Without a frame where the buffer went before its bytes could be had. */
  function copy(
    record: Values<typeof frameRecord>,
  ): { buffer: SourceBuffer; frame: HostFrame | undefined } | undefined {
    const arrivedAtNs = process.hrtime.bigint();
    const buffer = options.buffers.resolve(record);
    // Of another format not even the number of bytes would be the one that is copied.
    if (buffer?.format !== shownFormat) return undefined;
    const damage = damageOf(record, buffer, previous);
    const picture = copyUnlessGone(buffer, damage, previous);
    const drawnAtNs = arrivedAtNs - BigInt(Math.min(record.ageUs, longestAgeUs)) * 1000n;
    return { buffer, frame: picture && { serial: record.serial, ...picture, damage, drawnAtNs } };
  }

  async function* frames({ signal }: { signal: AbortSignal }): AsyncGenerator<HostFrame> {
    hostGeneration.store((hostGeneration.load() + 1) >>> 0 || 1);
    region.signalPeer(hostGeneration);
    let seen = 0;
    while (!signal.aborted) {
      const now = sequence.load();
      const record = now === seen ? undefined : readFrameRecord();
      // What was read may be newer than `now`: it is not to be taken twice.
      if (record && record.sequence !== seen) {
        seen = record.sequence;
        const taken = take(record);
        if (taken) yield taken;
      }
      // An odd word is a frame being written: its even successor is signalled.
      await region.waitWhile(sequence, now, { signal });
    }
  }

  return { frames, counters, [Symbol.dispose]: () => region[Symbol.dispose]() };
}

/** A guest that frees what it presented is no reason for this side to end. */
function copyUnlessGone(...source: Parameters<typeof copyPicture>): Picture | undefined {
  try {
    return copyPicture(...source);
  } catch (error) {
    if (error instanceof VsocError && error.code === 'ESTALE') return undefined;
    throw error;
  }
}

/** What must be copied on top of `previous`: everything, unless the record follows on it in shape and serial. */
function damageOf(
  record: Values<typeof frameRecord>,
  buffer: SourceBuffer,
  previous: HostFrame | undefined,
): readonly Rect[] {
  const { widthPx, heightPx, strideBytes } = buffer;
  const follows =
    previous !== undefined &&
    record.serial === (previous.serial + 1) >>> 0 &&
    widthPx === previous.widthPx &&
    heightPx === previous.heightPx &&
    strideBytes === previous.strideBytes;
  if (!follows || record.damageCount > damageLimit) return [whole(widthPx, heightPx)];
  const rects = record.damage.slice(0, record.damageCount).map((rect) => clip(rect, widthPx, heightPx));
  return rects.filter((rect) => rect !== undefined);
}
