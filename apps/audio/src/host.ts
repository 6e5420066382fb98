// Host half of the sound: hears `audio_out`, speaks into `audio_in`. What a stream is made of stands in consumer.ts and
// producer.ts, which the guest half has the other way round.
import { DisposableStack } from '@vsoc/native';
import type { HostDevice } from '@vsoc/vsoc/host';
import { tailOf } from '@vsoc/vsoc/layout';
import { type Consumer, openConsumer } from './consumer.js';
import type { StreamFormat } from './format.js';
import { audioIn, audioOut } from './layout.js';
import { openProducer, type Producer } from './producer.js';

export type { Period } from './consumer.js';
export type { StreamFormat } from './format.js';

/** One a window, since it owns the read cursor: who else wants to hear gets what this one gives out. */
export interface Speaker extends Consumer, Disposable {}

/** Closing it ends the stream. */
export interface Microphone extends Producer, Disposable {}

/** Hears what the guest plays from now on. Rejects with VersionError, ENOENT without such a region. */
export async function openSpeaker(device: HostDevice): Promise<Speaker> {
  using opening = new DisposableStack();
  const region = opening.use(await device.open(audioOut));
  const consumer = openConsumer(region, tailOf(audioOut, region.layout));
  const owned = opening.move();
  return Object.assign(consumer, { [Symbol.dispose]: () => owned[Symbol.dispose]() });
}

/**
 * Opens a new stream, which ends that of whoever spoke before. Rejects with VersionError, ENOENT without such a region,
 * EINVAL for a format that cannot be.
 */
export async function openMicrophone(device: HostDevice, format: StreamFormat): Promise<Microphone> {
  using opening = new DisposableStack();
  const region = opening.use(await device.open(audioIn));
  const producer = openProducer(region, tailOf(audioIn, region.layout), format);
  const owned = opening.move();
  owned.defer(() => producer.close());
  return Object.assign(producer, { [Symbol.dispose]: () => owned[Symbol.dispose]() });
}
