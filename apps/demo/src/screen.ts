// What people see: lines that scroll by, and below them, on a terminal only, one status line updated in place.

import type { WriteStream } from 'node:tty';

export interface Screen {
  print(line: string): void;
  /** Replaces the status line; on anything but a terminal it is not shown. */
  status(line: string): void;
}

/** The part of a stream that is used; process.stdout and process.stderr have it. */
export type ScreenStream = Pick<WriteStream, 'write' | 'on'> & { isTTY?: boolean; columns?: number };

const clearLine = '\r\x1b[2K';

export function openScreen(stream: ScreenStream): Screen {
  const inPlace = stream.isTTY === true;
  let shown = '';
  // The terminal may have been closed while the children are still being ended.
  stream.on('error', () => {});
  return {
    print(line) {
      stream.write(shown === '' ? `${line}\n` : `${clearLine}${line}\n${shown}`);
    },
    status(line) {
      if (!inPlace) return;
      // One column is left free: a full line would wrap, and the next update would leave its first half.
      // Some terminals do not know their width and say 0.
      shown = line.slice(0, (stream.columns || 80) - 1);
      stream.write(`${clearLine}${shown}`);
    },
  };
}
