#!/usr/bin/env node
// guest --run-dir DIR [--play FILE.wav | --tone HZ [--seconds S]] [--record FILE.wav | --listen]: plays into audio_out,
// hears audio_in. Ends with code 0 when all is played, and what it records has ended.
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { openCapture, openPlayback } from '../guest.js';
import { readOptions } from './options.js';
import { formatOf, play } from './play.js';
import { listen, record } from './record.js';

runMain('audio-guest', async (context) => {
  const options = await readOptions();
  const { runDir, sound, periodFrames, isRepeated, hears, recordFile: file, seconds } = options;
  using device = await openGuest({ deviceDirectory: runPaths(runDir).deviceDir });
  using capture = hears ? await openCapture(device) : undefined;
  using playback = sound && (await openPlayback(device, formatOf(sound, periodFrames)));
  context.ready({ epoch: device.epoch });
  const signal = AbortSignal.any([context.signal, device.lost]);
  await Promise.all([
    playback && sound && play(playback, sound, { signal, isRepeated }),
    capture && (file ? record(capture, { signal, file, seconds }) : listen(capture, { signal })),
  ]);
});
