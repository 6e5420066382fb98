#!/usr/bin/env node
// sleeper --run-dir DIR [--slow-timer on|off]: a host process that sleeps on the word `bell` and reports each waking.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { connectHost } from '@vsoc/vsoc/host';
import { bench } from '../regions.js';

runMain('sleeper', async ({ signal, ready, report }) => {
  const { values } = parseArgs({
    options: { 'run-dir': { type: 'string', default: '.' }, 'slow-timer': { type: 'string', default: 'on' } },
  });
  const slowTimer = values['slow-timer'] === 'off' ? 'off' : 'on';
  const { serverSocket } = runPaths(values['run-dir']);
  using host = await connectHost({ serverSocket, slowTimer });
  using region = await host.open(bench);
  const { bell } = region.data;
  let seen = bell.load();
  let tell = () => ready();
  for (;;) {
    const waking = region.waitWhile(bell, seen, { signal });
    // Only when it sleeps again, and no edge of before is on its way any more: whoever hears of it may rely on that.
    for (let turns = 0; turns < 2; turns++) await nextTurn();
    tell();
    await waking;
    const wokenAtNs = String(process.hrtime.bigint());
    seen = bell.load();
    tell = () => report({ bell: seen, wokenAtNs, heals: region.counters.heals });
  }
});
