#!/usr/bin/env node
// guest --run-dir DIR [--buffers N] [--interval-ms MS]: allocates, draws, hands each buffer to the importer and closes its
// own descriptor at once. Exit code 0 when the importer has freed all of them.
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { openGuest } from '@vsoc/vsoc/guest';
import { connectSocket } from '@vsoc/vsoc/wire';
import { pixelFormat } from '../formats.js';
import { openGralloc } from '../guest.js';
import { nameOf } from '../protocol.js';
import { allocatorSocketOf, importerSocketOf } from '../sockets.js';
import { usage } from '../usage.js';

const request = {
  widthPx: 64,
  heightPx: 64,
  format: pixelFormat.rgba8888,
  usage: usage.cpuRead | usage.cpuWrite | usage.hostRead,
};

runMain('gralloc-guest', async ({ signal, ready }) => {
  const { values } = parseArgs({
    options: {
      'run-dir': { type: 'string', default: '.' },
      buffers: { type: 'string', default: '5' },
      'interval-ms': { type: 'string', default: '1000' },
    },
  });
  const paths = runPaths(values['run-dir']);
  using device = await openGuest({ deviceDirectory: paths.deviceDir });
  using gralloc = await openGralloc(device, { allocatorSocket: allocatorSocketOf(paths) });
  const freed = new EventTarget();
  const gone = new AbortController();
  using importer = connectSocket(importerSocketOf(paths), 'seqpacket', {
    onMessage: () => void freed.dispatchEvent(new Event('freed')),
    onEnd: () => gone.abort(new Error('the importer is gone')),
  });
  ready({ epoch: device.epoch });
  const ending = AbortSignal.any([signal, device.lost, gone.signal]);

  for (let number = 1; number <= Number(values.buffers); number++) {
    const buffer = await gralloc.allocate(request, { signal: ending });
    if ('refused' in buffer) throw new Error(`no room: ${JSON.stringify(buffer)}`);
    const wasZero = buffer.bytes.every((byte) => byte === 0);
    say(
      `allocated ${nameOf(buffer.reference)}: ${buffer.bytes.length} B, ${wasZero ? 'all zero' : 'NOT zero'}`,
    );
    buffer.bytes.fill(number);
    // Not earlier: what ends this program meanwhile would reject a promise that nobody waits for yet.
    const nextFreed = once(freed, 'freed', { signal: ending });
    gralloc.send(importer, buffer);
    buffer[Symbol.dispose]();
    say(`drew ${number}s into it, passed its descriptor on, closed its own`);
    await nextFreed;
    await setTimeout(Number(values['interval-ms']), undefined, { signal: ending });
  }
  return 0;
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
