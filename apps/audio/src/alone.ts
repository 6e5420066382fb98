// How audio runs alone, as data: `npm run demo -- --only audio` reads it and adds the server and the guest driver. Each
// half plays a tone of its own and says what it hears of the other's.
import { audioIn, audioOut } from './layout.js';

export const alone = {
  regions: [audioOut, audioIn],
  programs: [
    {
      name: 'host',
      what: 'host half: hears audio_out, plays a tone into audio_in',
      program: 'bin/host.js',
      args: ['--listen', '--tone', '660', '--repeat'],
    },
    {
      name: 'guest',
      what: 'guest half: plays a tone into audio_out, hears audio_in',
      program: 'bin/guest.js',
      args: ['--listen', '--tone', '440', '--repeat'],
    },
  ],
} as const;
