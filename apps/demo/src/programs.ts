// The processes of the demo, in the order of their start: what each is for, what it builds on, and which of the
// demo's options concern it. Host side and guest side start next to each other once the server is ready.

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Accelerator, type DemoOptions, formatSize } from './arguments.js';
import type { Program } from './supervise.js';

/** The same distance from the root for the source and for the built file. */
const appsDir = fileURLToPath(new URL('../../', import.meta.url));
const toolsDir = fileURLToPath(new URL('../../../tools/', import.meta.url));

export function demoPrograms(options: DemoOptions): Program[] {
  const server: Program = {
    name: 'ivshmem-server',
    what: 'owns the window, hands it to the guest and to host processes',
    after: [],
    program: `${appsDir}ivshmem-server/dist/bin/server.js`,
  };
  const guest = options.vm === undefined ? embeddedGuest(options) : [machine(options, options.vm)];
  return [server, hostSide(options), ...guest];
}

function hostSide({ port }: DemoOptions): Program {
  return {
    name: 'console',
    what: 'host side: reads the frames, serves the page and its stream',
    after: ['ivshmem-server'],
    program: `${appsDir}console/dist/bin/console.js`,
    args: port === undefined ? [] : ['--port', String(port)],
  };
}

/** The guest's programs are the machine's, which starts and watches them. */
function machine(options: DemoOptions, accelerator: Accelerator): Program {
  return {
    name: 'vm',
    what: `the guest: a virtual machine by ${accelerator}, with guest-driver, gralloc and player in it`,
    endMeans: 'the guest has ended',
    after: ['ivshmem-server'],
    program: `${toolsDir}vm/dist/bin/vm.js`,
    args: ['--accel', accelerator, ...patternWords(options)],
  };
}

function embeddedGuest(options: DemoOptions): Program[] {
  return [
    {
      name: 'guest-driver',
      what: "the guest's kernel part: device nodes, permissions, waits",
      endMeans: 'the guest has crashed',
      after: ['ivshmem-server'],
      program: `${appsDir}guest-driver/dist/bin/guest-driver.js`,
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

function patternWords({ size, fps }: DemoOptions): string[] {
  return ['--size', formatSize(size), ...(fps === undefined ? [] : ['--fps', String(fps)])];
}

function player(options: DemoOptions): Program {
  const { source } = options;
  const args = patternWords(options);
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
