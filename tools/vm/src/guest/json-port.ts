// JSON lines over a virtio-serial port, which is a character device that one process may open once: neither a socket nor a
// file for Node's streams, and a read that blocks in Node's pool would keep the process from ending.
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { watch } from '@vsoc/native';

export interface JsonPort extends Disposable {
  send(message: object): void;
}

/** Before the next try to write into a port that is full. */
const retryMs = 1;

export function openJsonPort(path: string, onMessage: (message: unknown) => void): JsonPort {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const chunk = Buffer.alloc(64 * 1024);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let waiting = Buffer.alloc(0);
  let retry: NodeJS.Timeout | undefined;

  const readable = watch(fd, 'readable', () => {
    const count = orWouldBlock(() => readSync(fd, chunk, 0, chunk.byteLength, null)) ?? 0;
    const lines = (rest + decoder.write(chunk.subarray(0, count))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onMessage(JSON.parse(line));
  });

  function flush(): void {
    retry = undefined;
    while (waiting.byteLength > 0) {
      const count = orWouldBlock(() => writeSync(fd, waiting));
      if (count === undefined) {
        retry = setTimeout(flush, retryMs);
        return;
      }
      waiting = waiting.subarray(count);
    }
  }

  return {
    send(message) {
      waiting = Buffer.concat([waiting, Buffer.from(`${JSON.stringify(message)}\n`)]);
      if (retry === undefined) flush();
    },
    [Symbol.dispose]() {
      clearTimeout(retry);
      readable[Symbol.dispose]();
      closeSync(fd);
    },
  };
}

function orWouldBlock(act: () => number): number | undefined {
  try {
    return act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
