// What every HAL must hold, for this one, in both directions. What is put across is a number in a period's samples.
import { setTimeout as sleep } from 'node:timers/promises';
import { openCapture, openPlayback, type Period } from '@vsoc/audio/guest';
import { openMicrophone, openSpeaker } from '@vsoc/audio/host';
import { audioIn, audioOut } from '@vsoc/audio/layout';
import { conformanceSuite, hearing } from '@vsoc/testkit/conformance';

const format = { sampleRateHz: 8000, channels: 1, periodFrames: 16 };

interface Hears extends Disposable {
  periods(options: { signal: AbortSignal }): AsyncIterable<Period>;
}

interface Speaks extends Disposable {
  write(samples: Int16Array): 'written' | 'dropped';
}

/** A reader that was attacked makes room when it looks again. Of an attacked writer's tells three wait in vain. */
const patience = { tries: 100, pauseMs: 10 };

async function tell(half: Speaks): Promise<number> {
  const mark = 1 + Math.floor(Math.random() * 2 ** 30);
  const period = new Int16Array(format.periodFrames);
  period.set([mark & 0x7fff, mark >>> 15]);
  for (let left = patience.tries; half.write(period) === 'dropped' && left > 0; left--) {
    await sleep(patience.pauseMs);
  }
  return mark;
}

/** Without what only says that a stream has ended. */
async function* sounding(half: Hears, options: { signal: AbortSignal }): AsyncGenerator<Period> {
  for await (const period of half.periods(options)) if (period.samples.length > 0) yield period;
}

const hear = hearing(
  (half: Hears, options) => sounding(half, options),
  ({ samples: [low = 0, high = 0] }) => low + high * 2 ** 15,
);

await conformanceSuite(import.meta.url, {
  name: 'audio_out',
  regions: [audioOut],
  guest: { open: ({ device }) => openPlayback(device, format), tell },
  host: { open: ({ device }) => openSpeaker(device), hear },
});

await conformanceSuite(import.meta.url, {
  name: 'audio_in',
  regions: [audioIn],
  guest: { open: ({ device }) => openCapture(device), hear },
  host: { open: ({ device }) => openMicrophone(device, format), tell },
});
