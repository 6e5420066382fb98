// Plays a sound into a stream, at the clock's pace.
import type { StreamFormat } from '../format.js';
import type { Producer } from '../producer.js';
import type { Sound } from '../wav.js';

const periodsPerSecond = 50;

export function formatOf({ sampleRateHz, channels }: Sound, periodFrames?: number): StreamFormat {
  return {
    sampleRateHz,
    channels,
    periodFrames: periodFrames ?? Math.round(sampleRateHz / periodsPerSecond),
  };
}

export interface PlayOptions {
  /** Again and again, without a seam. */
  readonly isRepeated: boolean;
  readonly signal: AbortSignal;
}

/** Ends the stream behind the sound, and says in a line what became of it. Rejects with the signal's reason. */
export async function play(producer: Producer, { samples }: Sound, options: PlayOptions): Promise<void> {
  const { isRepeated, signal } = options;
  const { sampleRateHz, channels, periodFrames } = producer.format;
  const what = `${sampleRateHz} Hz, channels ${channels}, periods of ${periodFrames} frames`;
  process.stdout.write(`playing stream ${producer.generation}: ${what}\n`);
  for (const period of periodsOf(samples, { periodSamples: periodFrames * channels, isRepeated })) {
    await producer.untilDue({ signal });
    producer.write(period);
  }
  producer.close();
  const { writtenFrames, droppedFrames } = producer.counters;
  process.stdout.write(`played ${writtenFrames} frames, dropped ${droppedFrames}\n`);
}

/** The samples in periods; when they are repeated a period goes on from the end of the sound at its beginning. */
function* periodsOf(
  samples: Int16Array,
  { periodSamples, isRepeated }: { readonly periodSamples: number; readonly isRepeated: boolean },
): Generator<Int16Array> {
  if (!isRepeated) {
    for (let at = 0; at < samples.length; at += periodSamples) yield samples.subarray(at, at + periodSamples);
    return;
  }
  for (let at = 0; ; at = (at + periodSamples) % samples.length) {
    const begin = at;
    yield Int16Array.from(
      { length: periodSamples },
      (_, index) => samples[(begin + index) % samples.length] as number,
    );
  }
}
