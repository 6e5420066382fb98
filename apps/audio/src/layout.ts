// The two regions of sound, alike but for their direction: a stream's record, written by its producer inside an odd
// sequence word, and a ring of PCM. The record says what the bytes in the ring are; it is there before they are.
import { atomicU32, bytes, nested, pad, struct, u32 } from '@vsoc/struct';
import { defineRegion } from '@vsoc/vsoc/layout';
import { type RingSide, ringWords } from '@vsoc/vsoc/rings/words';

export const sampleBytes = 2;
export const ringLog2Bytes = 16;

export const streamRecord = struct('audio_stream', 'The stream that is in the ring.', {
  generation: u32({
    doc: "the ring's: while they differ, the stream that the ring holds is not described yet",
  }),
  sampleRateHz: u32({ unit: 'Hz', doc: 'fixed while the stream is open, as the next two are' }),
  channels: u32({ doc: 'samples in a frame, interleaved' }),
  periodFrames: u32({
    unit: 'frames',
    doc: 'so many are written at once; only the last period may be shorter',
  }),
  droppedFrames: u32({ unit: 'frames', doc: 'of this stream, that found the ring full; wraps' }),
  isOpen: u32({ doc: '1: more will come; 0: the stream has ended' }),
});

export const audioOut = defineRegion({
  name: 'audio_out',
  version: { current: 1, minCompatible: 1 },
  doc: 'What the guest plays.',
  data: streamData('audio_out_data', 'guest'),
  tail: bytes('pcm', { log2Size: ringLog2Bytes, doc: 's16le sample frames, interleaved' }),
});

export const audioIn = defineRegion({
  name: 'audio_in',
  version: { current: 1, minCompatible: 1 },
  doc: 'What the guest records.',
  data: streamData('audio_in_data', 'host'),
  tail: bytes('pcm', { log2Size: ringLog2Bytes, doc: 's16le sample frames, interleaved' }),
});

export type StreamData = ReturnType<typeof streamData>;

function streamData(cName: string, producer: RingSide) {
  return struct(cName, `One stream of sound, from the ${producer}.`, {
    sequence: atomicU32({
      signalledBy: producer,
      doc: 'even: the record can be read; odd: it is being written',
    }),
    stream: nested(streamRecord, { doc: 'guarded by the sequence word' }),
    streamLine: pad(100),
    ring: nested(ringWords(producer), { doc: 'where in `pcm` is what' }),
  });
}
