// A sound for when there is no file at hand: a sine at a quarter of full scale, which hurts nobody's ears.
import type { Sound } from './wav.js';

const sampleRateHz = 48_000;
const amplitude = 0x2000;

export function tone(frequencyHz: number, seconds: number): Sound {
  const samples = Int16Array.from({ length: Math.round(sampleRateHz * seconds) }, (_, frame) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * frame) / sampleRateHz)),
  );
  return { sampleRateHz, channels: 1, samples };
}
