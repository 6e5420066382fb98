// The measuring guest process of passing a buffer: sends one and the same over and over, and waits for the first byte.
import { once } from 'node:events';
import { fill, OwnedFd } from '@vsoc/native';
import { runMain } from '@vsoc/process';
import { openSocket } from '@vsoc/vsoc/wire';
import { openGrallocClient } from '../gralloc-client.js';
import { createStopwatch } from '../stopwatch.js';
import { firstInheritedFd, readPeerArgv } from './argv.js';

const value = 0xa5;

runMain('bench-gralloc-sender', async ({ report, signal }) => {
  const { size, words } = readPeerArgv();
  const [runDir = '.', sizeBytes] = words;
  using client = await openGrallocClient(runDir);
  using buffer = await client.allocate(Number(sizeBytes));
  fill(buffer.bytes, value);
  const stopwatch = createStopwatch(size);
  const over = new AbortController();
  const done = AbortSignal.any([signal, over.signal]);
  let trip = 0;
  using socket = openSocket(OwnedFd.own(firstInheritedFd, 'socket to the receiver'), {
    onMessage([first]) {
      stopwatch.stop(trip++);
      if (first !== value) over.abort(new Error(`the receiver saw ${first} where ${value} was written`));
      else if (trip === size.trips + size.warmUp) over.abort();
      else send();
    },
    onEnd: (error) => over.abort(error ?? new Error('the receiver is gone')),
  });
  function send(): void {
    stopwatch.start();
    if (!client.gralloc.send(socket, buffer)) over.abort(new Error('the receiver does not keep up'));
  }
  send();
  if (!done.aborted) await once(done, 'abort');
  if (trip < size.trips + size.warmUp) throw done.reason;
  report(stopwatch.figures());
});
