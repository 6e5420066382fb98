// What the labs play with: a few words to signal, and a manager with a handful of pages to claim.
import { array, atomicU32, bytes, struct } from '@vsoc/struct';
import { defineRegion, pageBytes, system } from '@vsoc/vsoc/layout';

export const bench = defineRegion({
  name: 'lab_bench',
  version: { current: 1, minCompatible: 1 },
  doc: 'Words of the labs.',
  data: struct('lab_bench_data', 'One word that a sleeper waits on.', {
    bell: atomicU32({ signalledBy: 'guest', doc: 'raised by one with each ring' }),
  }),
});

const owner = struct('lab_owner', 'One owner word.', {
  value: atomicU32({ doc: '0, or what the permission for the page says' }),
});

export const keeper = defineRegion({
  name: 'lab_keeper',
  version: { current: 1, minCompatible: 1 },
  doc: 'Manages `lab_pages`.',
  data: struct('lab_keeper_data', 'Who has which page.', {
    owners: array(owner, 4, { doc: 'one for each page' }),
  }),
});

export const pages = defineRegion({
  name: 'lab_pages',
  version: { current: 1, minCompatible: 1 },
  doc: 'Handed out page by page.',
  managedBy: keeper.name,
  tail: bytes('pages', { sizeBytes: 4 * pageBytes, doc: 'areas of a page each' }),
});

export const labRegions = [system, bench, keeper, pages];
