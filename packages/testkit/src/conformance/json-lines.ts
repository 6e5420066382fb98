// JSON objects over a stream, one a line: what a test and a half's process speak, whatever connects them.

import type { Duplex } from 'node:stream';

export interface JsonLines {
  send(message: object): void;
}

/** Whoever is killed shows by other means: errors of the stream are not told. */
export function openJsonLines(stream: Duplex, onMessage: (message: object) => void): JsonLines {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('error', () => {});
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onMessage(JSON.parse(line));
  });
  return {
    send(message) {
      if (stream.writable) stream.write(`${JSON.stringify(message)}\n`);
    },
  };
}
