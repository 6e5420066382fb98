// A program's log: pino's JSON lines on stderr for the launcher, readable lines for an engineer at a terminal.
// Written synchronously, so that the last line before an exit is never lost.

import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { type DestinationStream, type Logger, pino } from 'pino';
import { formatLogLine } from './log-line.js';

export type Log = Logger;

const stderrFd = 2;

export function openLog(name: string, readable = isatty(stderrFd)): Log {
  const level = process.env.VSOC_LOG_LEVEL ?? 'info';
  return pino({ name, level, base: { name, pid: process.pid } }, destination(readable));
}

function destination(readable: boolean): DestinationStream {
  if (readable) return { write: writeReadable };
  const stream = pino.destination({ fd: stderrFd, sync: true });
  // A launcher that was killed leaves a broken pipe: the child then ends anyway, and must do so in order.
  stream.on('error', () => {});
  return stream;
}

function writeReadable(line: string): void {
  try {
    writeSync(stderrFd, `${formatLogLine(line)}\n`);
  } catch {
    // The terminal is gone (EIO): there is nobody left to tell.
  }
}
