#!/usr/bin/env node
// importer --run-dir DIR [--hold-ms MS]: another guest process. Imports each buffer that it is sent, looks at the pixels,
// and closes the last descriptor after a while: that frees the buffer.
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { OwnedFd } from '@vsoc/native';
import { DisposableStack } from '@vsoc/native';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { listenAt, openSocket, type UnixSocket } from '@vsoc/vsoc/wire';
import { openGralloc } from '../guest.js';
import { nameOf } from '../protocol.js';
import { allocatorSocketOf, importerSocketOf } from '../sockets.js';

runMain('gralloc-importer', async ({ signal, ready, log }) => {
  const { values } = parseArgs({
    options: { 'run-dir': { type: 'string', default: '.' }, 'hold-ms': { type: 'string', default: '500' } },
  });
  const paths = runPaths(values['run-dir']);
  using device = await openGuest({ deviceDirectory: paths.deviceDir });
  using gralloc = await openGralloc(device, { allocatorSocket: allocatorSocketOf(paths) });
  using connections = new DisposableStack();
  const ending = AbortSignal.any([signal, device.lost]);

  async function receive(socket: UnixSocket, message: Uint8Array, fds: readonly OwnedFd[]): Promise<void> {
    using buffer = await gralloc.receive(message, fds, { signal: ending });
    const { reference } = buffer;
    const seen = [...new Set(buffer.bytes)];
    say(
      `imported ${nameOf(reference)}: ${buffer.widthPx}×${buffer.heightPx}, every byte ${seen.join(' or ')}`,
    );
    await setTimeout(Number(values['hold-ms']), undefined, { signal: ending });
    buffer[Symbol.dispose]();
    say(`closed the last descriptor of ${nameOf(reference)}: it is free`);
    socket.send(new Uint8Array(1));
  }

  using _listener = listenAt(importerSocketOf(paths), { type: 'seqpacket', mode: 0o600 }, (connection) => {
    const socket = connections.use(
      openSocket(connection, {
        onMessage(message, fds) {
          receive(socket, message, fds).catch((error) => log.warn({ err: error }, 'not received'));
        },
        onEnd() {},
      }),
    );
  });
  ready({ epoch: device.epoch });
  if (!ending.aborted) await once(ending, 'abort');
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
