#!/usr/bin/env node
// half --run-dir DIR --side guest|host --module URL --control FD: a process that holds a half of a HAL that URL
// describes, and is told what to do with it over the socket FD.

import { once } from 'node:events';
import { Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { runMain } from '@vsoc/process';
import { openHalfServer } from '../half-server.js';
import { openJsonLines } from '../json-lines.js';
import type { Request } from '../messages.js';
import { beginServing } from '../registry.js';

const { side, module, control } = parseArgs({
  options: {
    'run-dir': { type: 'string' },
    side: { type: 'string' },
    module: { type: 'string' },
    control: { type: 'string' },
  },
}).values;
if ((side !== 'guest' && side !== 'host') || module === undefined)
  throw new Error('expected --side guest|host and --module URL');
runMain('half', async ({ signal, ready }) => {
  beginServing();
  await import(module);
  const socket = new Socket({ fd: Number(control), readable: true, writable: true });
  const server = openHalfServer(side, (reply) => lines.send(reply));
  const lines = openJsonLines(socket, (request) => void server.handle(request as Request));
  ready();
  if (!signal.aborted) await once(signal, 'abort');
});
