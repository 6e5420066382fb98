// WAV files as interleaved 16-bit samples. Other sample formats are converted when a file is read.
import { readFile, writeFile } from 'node:fs/promises';
import {
  bufferToFloat32Channels,
  decodeWaveToBuffer,
  encodeWaveFromBuffer,
  float32ChannelsToBuffer,
  SampleFormat,
} from '@echogarden/wave-codec';

export interface Sound {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Interleaved. */
  readonly samples: Int16Array;
}

/** Rejects with what is wrong with a file that is no WAV. */
export async function readWav(path: string): Promise<Sound> {
  const file = await readFile(path);
  try {
    const decoded = decodeWaveToBuffer(file);
    const { sampleRate: sampleRateHz, channelCount: channels, bitDepth, sampleFormat } = decoded;
    const isReady = bitDepth === 16 && sampleFormat === SampleFormat.PCM;
    const pcm = isReady
      ? decoded.decodedAudioBuffer
      : float32ChannelsToBuffer(
          bufferToFloat32Channels(decoded.decodedAudioBuffer, channels, bitDepth, sampleFormat),
        );
    // A copy: the bytes in the file need not lie on even addresses, and the last frame may be cut.
    const frames = Math.floor(pcm.byteLength / (2 * channels));
    const samples = new Int16Array(new Uint8Array(pcm.subarray(0, frames * 2 * channels)).buffer);
    if (frames === 0) throw new Error('no sound in it');
    return { sampleRateHz, channels, samples };
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

export async function writeWav(path: string, { sampleRateHz, channels, samples }: Sound): Promise<void> {
  const pcm = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  await writeFile(path, encodeWaveFromBuffer(pcm, sampleRateHz, channels, 16, SampleFormat.PCM));
}
