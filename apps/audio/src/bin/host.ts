#!/usr/bin/env node
// host --run-dir DIR [--record FILE.wav | --listen] [--play FILE.wav | --tone HZ [--seconds S]]: hears audio_out, plays
// into audio_in. Ends with code 0 when what it records has ended, and all is played.
import { runMain, runPaths } from '@vsoc/process';
import { connectHost } from '@vsoc/vsoc/host';
import { openMicrophone, openSpeaker } from '../host.js';
import { readOptions } from './options.js';
import { formatOf, play } from './play.js';
import { listen, record } from './record.js';

runMain('audio-host', async (context) => {
  const options = await readOptions();
  const { runDir, sound, periodFrames, isRepeated, hears, recordFile: file, seconds } = options;
  using device = await connectHost({ serverSocket: runPaths(runDir).serverSocket });
  using speaker = hears ? await openSpeaker(device) : undefined;
  using microphone = sound && (await openMicrophone(device, formatOf(sound, periodFrames)));
  context.ready({ epoch: device.guestEpoch() });
  const signal = AbortSignal.any([context.signal, device.lost]);
  await Promise.all([
    speaker && (file ? record(speaker, { signal, file, seconds }) : listen(speaker, { signal })),
    microphone && sound && play(microphone, sound, { signal, isRepeated }),
  ]);
});
