// Plays a whole sound into a stream, at the clock's pace.
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

/** Says in one line what became of it. Rejects with the signal's reason. */
export async function play(
  producer: Producer,
  { samples }: Sound,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const { channels, periodFrames } = producer.format;
  const periodSamples = periodFrames * channels;
  for (let at = 0; at < samples.length; at += periodSamples) {
    await producer.untilDue({ signal });
    producer.write(samples.subarray(at, at + periodSamples));
  }
  producer.close();
  const { writtenFrames, droppedFrames } = producer.counters;
  process.stdout.write(`played ${writtenFrames} frames, dropped ${droppedFrames}\n`);
}
