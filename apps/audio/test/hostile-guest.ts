// What a hostile peer does to `audio_out`, with a mapping of its own.
import type { SeededRandom } from '@vsoc/testkit';
import type { GuestRegion } from '@vsoc/vsoc/guest';
import type { audioOut } from '../src/layout.js';

export type AudioRegion = GuestRegion<typeof audioOut>;

/** Those that could hurt. */
export const numbers = [
  0,
  1,
  2,
  3,
  9,
  80,
  4000,
  16_385,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 2,
  2 ** 32 - 1,
];
const fields = ['generation', 'sampleRateHz', 'channels', 'periodFrames', 'droppedFrames', 'isOpen'] as const;
const words = [
  'generation',
  'startCursor',
  'dataWanted',
  'spaceWanted',
  'writeCursor',
  'readCursor',
] as const;

/** As the producer writes it, with a signal, whatever the numbers. */
export function writeField(region: AudioRegion, name: (typeof fields)[number], value: number): void {
  const { sequence, stream } = region.data;
  sequence.store((sequence.load() | 1) >>> 0);
  stream[name] = value;
  sequence.store((sequence.load() + 1) >>> 0);
  region.signalPeer(sequence);
}

/** Any word or field becomes any number, or nearly what it was. */
export function scribble(region: AudioRegion, random: SeededRandom): void {
  const { ring } = region.data;
  const value = random.pick([random.pick(numbers), random.below(2 ** 32)]);
  if (random.below(2) === 0) writeField(region, random.pick(fields), value);
  else {
    const word = ring[random.pick(words)];
    word.store(random.below(2) === 0 ? value : (word.load() + random.below(400) - 200) >>> 0);
    region.signalPeer(ring.dataWanted);
  }
}

/** As if the guest had been there just before each look at its cursor: there is always something more to read. */
export function writeBeforeEachLook(region: AudioRegion, byteCount: number): Disposable {
  const { writeCursor } = region.data.ring;
  const { load } = Atomics;
  const isCursor = ({ buffer, byteOffset }: Int32Array, index: number) =>
    buffer instanceof SharedArrayBuffer &&
    byteOffset + 4 * index === region.layout.beginOffset + writeCursor.offset;
  const writeAndLoad = (words: Int32Array, index: number) => {
    if (isCursor(words, index)) Atomics.add(words, index, byteCount);
    return load(words, index);
  };
  Object.assign(Atomics, { load: writeAndLoad });
  return { [Symbol.dispose]: () => void Object.assign(Atomics, { load }) };
}
