// What runs in the guest of the demo: the guest driver on vfio, and allocator and player in one process.

import { allocatorSocketOf } from '@vsoc/gralloc/sockets';
import { runPaths } from '@vsoc/process';
import type { HostedProgram } from './guest/programs.js';
import { type GuestProgram, guestRunDir } from './init.js';

const paths = runPaths(guestRunDir);
/** The guest's programs find their sockets there. */
const runDirWords = ['--run-dir', guestRunDir];

/** Files are named from the checkout's root, where the guest's programs start. */
export const guestDriver = {
  name: 'guest-driver',
  program: 'apps/guest-driver/dist/bin/guest-driver.js',
  args: [...runDirWords, '--bus', 'vfio'],
} as const;

/** The driver as the machine itself starts it, without an agent. */
export const guestDriverProgram: GuestProgram = {
  name: guestDriver.name,
  command: ['node', guestDriver.program, ...guestDriver.args],
};

export interface PlayerOptions {
  /** WIDTHxHEIGHT */
  readonly size?: string | undefined;
  readonly fps?: string | undefined;
}

export function demoGuest({ size, fps }: PlayerOptions): GuestProgram[] {
  const words = [
    ...(size === undefined ? [] : ['--size', size]),
    ...(fps === undefined ? [] : ['--fps', fps]),
  ];
  const hosted: HostedProgram[] = [
    { after: paths.controlSocket, program: 'apps/gralloc/dist/bin/allocator.js', args: runDirWords },
    {
      after: allocatorSocketOf(paths),
      program: 'apps/player/dist/bin/player.js',
      args: [...runDirWords, ...words],
    },
  ];
  return [
    guestDriverProgram,
    {
      name: 'gralloc and player',
      command: ['node', 'tools/vm/dist/guest/programs.js', JSON.stringify(hosted)],
    },
  ];
}
