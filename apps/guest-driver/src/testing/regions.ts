// The regions of this package's tests: one for signals, a manager and its areas.
import { array, atomicU32, bytes, struct } from '@vsoc/struct';
import { defineRegion, pageBytes, system } from '@vsoc/vsoc/layout';

const word = struct('signal_word', 'One word for waits and signals.', {
  value: atomicU32({ signalledBy: 'both', doc: 'whatever a test puts there' }),
});

export const signals = defineRegion({
  name: 'signals',
  version: { current: 2, minCompatible: 1 },
  doc: 'Words for waits and signals of both sides.',
  data: struct('signals_data', 'Two named words, then many.', {
    ping: atomicU32({ signalledBy: 'both', doc: 'raised by the host half' }),
    pong: atomicU32({ signalledBy: 'both', doc: 'what the guest half saw in ping' }),
    many: array(word, 200, { doc: 'for bursts of signals' }),
  }),
});

export const keeper = defineRegion({
  name: 'keeper',
  version: { current: 1, minCompatible: 1 },
  doc: 'Manages `areas`.',
  data: struct('keeper_data', 'Owner words.', {
    owners: array(word, 16, { doc: 'one for each page of `areas`' }),
  }),
});

export const areaPages = 16;

export const areas = defineRegion({
  name: 'areas',
  version: { current: 1, minCompatible: 1 },
  doc: 'Handed out page by page.',
  managedBy: keeper.name,
  tail: bytes('pages', { sizeBytes: areaPages * pageBytes, doc: 'pages' }),
});

export const regions = [system, signals, keeper, areas];
