// A peer that says exactly what a test wants it to say: for clients whose real peer would never say it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenAt, openSocket, type SocketEvents, type UnixSocket } from '../wire/index.js';

export interface ScriptedPeer extends Disposable {
  readonly path: string;
}

/** `script` is called for each connection; what it returns hears the client's messages. */
export function openScriptedPeer(
  type: 'stream' | 'seqpacket',
  script: (client: UnixSocket) => Partial<SocketEvents> | undefined,
): ScriptedPeer {
  const directory = mkdtempSync(join(tmpdir(), 'vsoc-peer-'));
  const path = join(directory, 'peer');
  const clients = new Set<UnixSocket>();
  const listener = listenAt(path, { type, mode: 0o600 }, (connection) => {
    let events: Partial<SocketEvents> | undefined;
    const client = openSocket(connection, {
      onMessage: (bytes, fds) => events?.onMessage?.(bytes, fds),
      onEnd: (error) => events?.onEnd?.(error),
    });
    clients.add(client);
    events = script(client);
  });
  return {
    path,
    [Symbol.dispose]() {
      listener[Symbol.dispose]();
      for (const client of clients) client[Symbol.dispose]();
      rmSync(directory, { recursive: true });
    },
  };
}
