// The end of a stream that hands sound over: playback on the guest's side, capture's source on the host's. It keeps the
// clock's pace whether anybody reads or not: a period that finds the ring full is dropped and counted.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { VsocError } from '@vsoc/vsoc';
import type { TailPlace } from '@vsoc/vsoc/layout';
import { openByteRingProducer, writeRecord } from '@vsoc/vsoc/rings';
import { frameBytes, problemOf, type StreamFormat } from './format.js';
import { sampleBytes } from './layout.js';
import { openPacing } from './pacing.js';
import type { StreamRegion } from './region.js';

export interface Producer {
  readonly format: StreamFormat;
  /** Tells this stream from those before it. */
  readonly generation: number;
  /** Sleeps until the clock wants the next period. Rejects with the signal's reason. */
  untilDue(options: { signal: AbortSignal }): Promise<void>;
  /** Hands over one period, whole or, when there is no room, not at all. A shorter one can only be the last. */
  write(samples: Int16Array): 'written' | 'dropped';
  /** The stream ends behind what was written. A stream that another one took the place of has ended already. */
  close(): void;
  readonly counters: Readonly<ProducerCounters>;
}

export interface ProducerCounters {
  writtenFrames: number;
  droppedFrames: number;
  /** How often this process was so late that it gave up catching up with the clock. */
  slips: number;
  /** Read cursors that no consumer of ours can have written. */
  violations: number;
}

/** Begins a new stream; throws EINVAL for a format that cannot be. */
export function openProducer(region: StreamRegion, place: TailPlace, format: StreamFormat): Producer {
  const problem = problemOf(format);
  if (problem !== undefined) throw new VsocError('EINVAL', 'openStream', problem);
  const { sampleRateHz, channels, periodFrames } = format;
  const { sequence, stream, ring: words } = region.data;
  const ring = openByteRingProducer(region, { words, place, granuleBytes: sampleBytes });
  const generation = words.generation.load();
  const ringFrames = Math.floor(ring.capacityBytes / frameBytes(format));
  const pacing = openPacing({
    sampleRateHz,
    startNs: process.hrtime.bigint(),
    mostLateNs: BigInt(Math.ceil(((ringFrames / sampleRateHz) * 1e9) / 2)),
  });
  let writtenFrames = 0;
  let droppedFrames = 0;

  /** Not once another producer opened: the record and the ring are that one's now. */
  const isCurrent = () => words.generation.load() === generation;

  function describe(isOpen: 0 | 1): void {
    if (!isCurrent()) return;
    // SYNC POINT audio-stream (release side). Pairs with consumer.ts take.
    writeRecord(sequence, () => {
      Object.assign(stream, { generation, sampleRateHz, channels, periodFrames, isOpen });
      stream.droppedFrames = droppedFrames >>> 0;
    });
    region.signalPeer(sequence);
  }

  describe(1);
  return {
    format,
    generation,
    async untilDue({ signal }) {
      const nowNs = process.hrtime.bigint();
      const leftMs = Number(pacing.dueNs(nowNs) - nowNs) / 1e6;
      // One that is late still leaves the event loop its turns.
      if (leftMs > 0) await sleep(Math.ceil(leftMs), undefined, { signal });
      else await nextTurn(undefined, { signal });
    },
    write(samples) {
      checkPeriod(samples, format);
      const frames = samples.length / channels;
      pacing.pass(frames);
      if (!isCurrent() || ring.freeBytes() < samples.byteLength) {
        droppedFrames += frames;
        describe(1);
        return 'dropped';
      }
      ring.write(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
      writtenFrames += frames;
      return 'written';
    },
    close: () => describe(0),
    get counters() {
      return { writtenFrames, droppedFrames, slips: pacing.slips, violations: ring.counters.violations };
    },
  };
}

function checkPeriod({ length }: Int16Array, { channels, periodFrames }: StreamFormat): void {
  if (length > 0 && length <= periodFrames * channels && length % channels === 0) return;
  const expected = `1 to ${periodFrames} frames of ${channels} samples`;
  throw new VsocError('EINVAL', 'write', `expected ${expected}, saw ${length} samples`);
}
