// host-drainer --run-dir DIR: a host process that stops in mid-drain: it has lowered the interrupt word and taken one
// hint out of the table, and does nothing more.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { connectHost } from '@vsoc/vsoc/host';
import { acknowledge, drain, type SignalTable } from '@vsoc/vsoc/signalling';
import { tableIn } from './poster.js';
import { stressRegion, wordCount } from './region.js';

/** Of `up`: not 0 says go. */
const goWord = wordCount - 1;

runMain('host-drainer', async ({ signal, ready, report }) => {
  const { values } = parseArgs({ options: { 'run-dir': { type: 'string', default: '.' } } });
  const { serverSocket } = runPaths(values['run-dir']);
  using device = await connectHost({ serverSocket, slowTimer: 'off' });
  using region = await device.open(stressRegion);
  const table = tableIn(region.share(), region.layout.guestToHost);
  ready();
  // Told by a word that nobody signals: an edge would let the region's own receiver empty the table first.
  const { up } = region.data;
  while (up.at(goWord).load() === 0 && !signal.aborted) await new Promise(setImmediate);
  const wasRaised = acknowledge(table);
  report({ drained: { wasRaised, taken: takeOne(table) } });
  if (!signal.aborted) await once(signal, 'abort');
});

function takeOne(table: SignalTable): number {
  const enough = new Error('one hint is taken');
  let taken = 0;
  try {
    drain(table, () => {
      taken++;
      throw enough;
    });
  } catch (error) {
    if (error !== enough) throw error;
  }
  return taken;
}
