// How the heartbeat runs alone, as data: `npm run demo -- --only heartbeat` reads it and adds the server and the guest
// driver. The host half comes first, so that it hears the first beat too.
import { heartbeat } from './layout.js';

export const alone = {
  regions: [heartbeat],
  programs: [
    { name: 'host', what: 'host half: prints each beat that it hears', program: 'bin/host.js' },
    {
      name: 'guest',
      what: 'guest half: beats twice a second, until the host has heard each',
      program: 'bin/guest.js',
      args: ['--interval-ms', '500'],
    },
  ],
} as const;
