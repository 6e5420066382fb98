// The child's end of the lifeline: a stream that its launcher holds open for as long as it lives. Its end
// is the one sign of a launcher's death that also a SIGKILL cannot suppress. Both ways it carries JSON lines: up
// `ready` and what the program reports, down what the launcher tells.

import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { identifyFd } from '@vsoc/native';

export const lifelineVariable = 'VSOC_LIFELINE_FD';

/** What a child may say on its lifeline. */
export type LifelineMessage = { readonly ready: object } | { readonly report: object };

export interface Lifeline {
  send(message: LifelineMessage): void;
}

/** A launcher that does not read must not make the child's memory grow: reports above this are dropped. */
const maxQueuedBytes = 64 * 1024;

export interface LifelineEvents {
  onLauncherGone(): void;
  /** One object that the launcher told. */
  onTold(message: object): void;
}

/** Undefined when there is no launcher: the program was started by hand. */
export function openLifeline({ onLauncherGone, onTold }: LifelineEvents): Lifeline | undefined {
  const fd = takeFd(lifelineVariable);
  if (fd === undefined) return undefined;
  // Not fs.fstatSync: on a socket it upsets Node 20's module loader, which then follows no symlink any more.
  if (identifyFd(fd).kind !== 'socket') throw new Error(`${lifelineVariable}=${fd}: expected a socket`);
  const socket = new Socket({ fd, readable: true, writable: true });
  socket.on('error', () => {}); // 'close' follows
  socket.once('end', onLauncherGone);
  socket.once('close', onLauncherGone);
  createInterface({ input: socket }).on('line', (line) => {
    const message = parseLine(line);
    if (message !== undefined) onTold(message);
  });
  return {
    send(message) {
      if (socket.writable && socket.writableLength <= maxQueuedBytes)
        socket.write(`${JSON.stringify(message)}\n`);
    },
  };
}

/** One line of a lifeline, either way; undefined for what is no object. */
export function parseLine(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a descriptor's number and removes the variable: for a grandchild that number means nothing. */
function takeFd(variable: string): number | undefined {
  const text = process.env[variable];
  if (text === undefined) return undefined;
  delete process.env[variable];
  const fd = Number(text);
  if (!Number.isInteger(fd) || fd < 3)
    throw new Error(`${variable}=${text}: expected a descriptor from 3 on`);
  return fd;
}
