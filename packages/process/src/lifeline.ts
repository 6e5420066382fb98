// The child's end of the lifeline: a stream that its launcher holds open for as long as it lives. Its end
// is the one sign of a launcher's death that also a SIGKILL cannot suppress. The other way it carries one
// JSON line each for `ready` and for what the program reports.

import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';

export const lifelineVariable = 'VSOC_LIFELINE_FD';

/** What a child may say on its lifeline. */
export type LifelineMessage = { readonly ready: object } | { readonly report: object };

export interface Lifeline {
  send(message: LifelineMessage): void;
}

/** A launcher that does not read must not make the child's memory grow: reports above this are dropped. */
const maxQueuedBytes = 64 * 1024;

/** Undefined when there is no launcher: the program was started by hand. */
export function openLifeline(onLauncherGone: () => void): Lifeline | undefined {
  const fd = takeFd(lifelineVariable);
  if (fd === undefined) return undefined;
  if (!fstatSync(fd).isSocket()) throw new Error(`${lifelineVariable}=${fd}: expected a socket`);
  const socket = new Socket({ fd, readable: true, writable: true });
  socket.on('error', () => {}); // 'close' follows
  socket.once('end', onLauncherGone);
  socket.once('close', onLauncherGone);
  socket.resume();
  return {
    send(message) {
      if (socket.writable && socket.writableLength <= maxQueuedBytes)
        socket.write(`${JSON.stringify(message)}\n`);
    },
  };
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
