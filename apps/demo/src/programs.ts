// The processes of the demo, in the order of their start: what each is for, what it builds on, and which of the
// demo's options concern it. Host side and guest side start next to each other once the server is ready.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DemoOptions, formatSize } from './arguments.js';
import type { Program } from './supervise.js';

/** The same distance from the root for the source and for the built file. */
const appsDir = fileURLToPath(new URL('../../', import.meta.url));

export function demoPrograms(options: DemoOptions): Program[] {
  return [
    {
      name: 'ivshmem-server',
      what: 'owns the window, hands it to the guest and to host processes',
      after: [],
      program: `${appsDir}ivshmem-server/dist/bin/server.js`,
    },
    {
      name: 'guest-driver',
      what: "the guest's kernel part: device nodes, permissions, waits",
      endMeans: 'the guest has crashed',
      after: ['ivshmem-server'],
      program: `${appsDir}guest-driver/dist/bin/guest-driver.js`,
    },
    {
      name: 'console',
      what: 'host side: reads the frames, serves the page and its stream',
      after: ['ivshmem-server'],
      program: `${appsDir}console/dist/bin/console.js`,
      args: options.port === undefined ? [] : ['--port', String(options.port)],
    },
    {
      name: 'gralloc',
      what: "the guest's allocator of graphics buffers",
      after: ['guest-driver'],
      program: `${appsDir}gralloc/dist/bin/allocator.js`,
    },
    player(options),
  ];
}

function player({ source, size, fps }: DemoOptions): Program {
  const args = ['--size', formatSize(size)];
  if (fps !== undefined) args.push('--fps', String(fps));
  const common = { name: 'player', after: ['gralloc'], program: `${appsDir}player/dist/bin/player.js` };
  if (source === undefined) return { ...common, what: 'guest app: draws a moving test pattern', args };
  if ('file' in source) {
    return {
      ...common,
      what: `guest app: plays ${source.file}`,
      args: [...args, '--play', resolve(source.file)],
    };
  }
  return {
    ...common,
    what: `guest app: shows raw frames of ${formatSize(source.stdin)} from standard input`,
    args: [...args, '--stdin-rgba', formatSize(source.stdin)],
    stdin: 'inherit',
  };
}
