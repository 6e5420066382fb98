// Guest half of the sound: plays into `audio_out`, hears `audio_in`. What a stream is made of stands in producer.ts and
// consumer.ts, which the host half has the other way round.
import { DisposableStack } from '@vsoc/native';
import type { GuestDevice } from '@vsoc/vsoc/guest';
import { tailOf } from '@vsoc/vsoc/layout';
import { type Consumer, openConsumer } from './consumer.js';
import type { StreamFormat } from './format.js';
import { audioIn, audioOut } from './layout.js';
import { openProducer, type Producer } from './producer.js';

export type { Period } from './consumer.js';
export type { StreamFormat } from './format.js';

/** Closing it ends the stream. */
export interface Playback extends Producer, Disposable {}

export interface Capture extends Consumer, Disposable {}

/**
 * Opens a new stream, which ends that of whoever played before. Rejects with VersionError, ENOENT without such a region,
 * EINVAL for a format that cannot be. Its `write` throws ENODEV once the guest has crashed.
 */
export async function openPlayback(device: GuestDevice, format: StreamFormat): Promise<Playback> {
  using opening = new DisposableStack();
  const region = opening.use(await device.open(audioOut));
  const producer = openProducer(region, tailOf(audioOut, region.layout), format);
  const owned = opening.move();
  owned.defer(() => producer.close());
  const { write } = producer;
  return Object.assign(producer, {
    write(samples: Int16Array) {
      // The window is still mapped when the guest has crashed, and may be the next guest's by now.
      device.lost.throwIfAborted();
      return write(samples);
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  });
}

/** Hears the microphone from now on. Rejects with VersionError, ENOENT without such a region. */
export async function openCapture(device: GuestDevice): Promise<Capture> {
  using opening = new DisposableStack();
  const region = opening.use(await device.open(audioIn));
  const consumer = openConsumer(region, tailOf(audioIn, region.layout));
  const owned = opening.move();
  return Object.assign(consumer, { [Symbol.dispose]: () => owned[Symbol.dispose]() });
}
