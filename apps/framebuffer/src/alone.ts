// How the framebuffer runs alone, as data, for `npm run demo -- --only framebuffer`: with slots of its own in place of
// gralloc's buffers, since a HAL knows no other.
import { framebuffer } from './layout.js';
import { framebufferSlots } from './slots.js';

export const alone = {
  regions: [framebuffer, framebufferSlots],
  programs: [
    { name: 'host', what: 'host half: prints each frame that it takes', program: 'bin/host.js' },
    {
      name: 'guest',
      what: 'guest half: presents a moving box four times a second',
      program: 'bin/guest.js',
      args: ['--interval-ms', '250'],
    },
  ],
} as const;
