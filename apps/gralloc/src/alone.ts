// How gralloc runs alone, as data, for `npm run demo -- --only gralloc`: the allocator, two guest processes that share a
// buffer, and the host half that looks on.
import { grallocManager, grallocMemory } from './layout.js';

export const alone = {
  regions: [grallocManager, grallocMemory],
  programs: [
    { name: 'allocator', what: 'hands buffers out as descriptors', program: 'bin/allocator.js' },
    { name: 'host', what: 'host half: prints the buffers that it can resolve', program: 'bin/host.js' },
    {
      name: 'importer',
      what: 'another guest process: is sent each buffer, reads it, frees it',
      program: 'bin/importer.js',
      args: ['--hold-ms', '300'],
    },
    {
      name: 'guest',
      what: 'guest half: allocates five buffers, draws, passes them on',
      program: 'bin/guest.js',
      args: ['--buffers', '5', '--interval-ms', '300'],
    },
  ],
} as const;
