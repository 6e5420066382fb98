#!/usr/bin/env node
// guest --run-dir DIR [--beats N] [--interval-ms MS]: beats and waits each time until the host has heard it.
// Exit code 0 when every beat was heard.
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { openHeartbeat } from '../guest.js';

const hearingTimeoutNs = 5_000_000_000n;

runMain('heartbeat-guest', async ({ signal, ready }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      beats: { type: 'string', default: 'Infinity' },
      'interval-ms': { type: 'string', default: '1000' },
    },
  });
  using device = await openGuest({ deviceDirectory: runPaths(values['run-dir']).deviceDir });
  using heartbeat = await openHeartbeat(device);
  ready({ epoch: device.epoch });
  const ending = AbortSignal.any([signal, device.lost]);
  for (let left = Number(values.beats); left > 0; left--) {
    const beat = heartbeat.beat();
    const deadlineNs = process.hrtime.bigint() + hearingTimeoutNs;
    const outcome = await heartbeat.untilHeard(beat, { deadlineNs, signal: ending });
    process.stdout.write(`beat ${beat} ${outcome}\n`);
    if (outcome === 'timed-out') return 1;
    await setTimeout(Number(values['interval-ms']), undefined, { signal: ending });
  }
  return 0;
});
