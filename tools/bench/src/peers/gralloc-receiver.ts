// The answering guest process of passing a buffer: takes and maps what it is sent, reads its first byte, lets go of it
// and answers that byte.
import { once } from 'node:events';
import { OwnedFd } from '@vsoc/native';
import { runMain } from '@vsoc/process';
import { openSocket } from '@vsoc/vsoc/wire';
import { openGrallocClient } from '../gralloc-client.js';
import { firstInheritedFd, readPeerArgv } from './argv.js';

runMain('bench-gralloc-receiver', async ({ ready, signal }) => {
  const [runDir = '.'] = readPeerArgv().words;
  using client = await openGrallocClient(runDir);
  const over = new AbortController();
  const done = AbortSignal.any([signal, over.signal]);
  const answer = new Uint8Array(1);

  async function take(message: Uint8Array, fds: readonly OwnedFd[]): Promise<void> {
    const buffer = await client.gralloc.receive(message, fds);
    answer[0] = buffer.bytes[0] ?? 0;
    buffer[Symbol.dispose]();
    socket.send(answer);
  }

  using socket = openSocket(OwnedFd.own(firstInheritedFd, 'socket to the sender'), {
    onMessage: (message, fds) => void take(message, fds).catch((error: Error) => over.abort(error)),
    onEnd: (error) => over.abort(error ?? new Error('the sender is gone')),
  });
  ready();
  if (!done.aborted) await once(done, 'abort');
  throw done.reason;
});
