// A listening UNIX socket in the event loop. Its file goes with it.
import { rmSync } from 'node:fs';
import { acceptUnix, duplicateFd, type OwnedFd, peerCredentials, waitReadable } from '@vsoc/native';
import { listenReplacing } from './listen-replacing.js';
import { type Client, isOutOfDescriptors, type Turns, unpacedTurns } from './turns.js';

/** Owns `connection` from now on; whoever is at its other end is `client`. */
export type OnConnection = (connection: OwnedFd, client: Client) => void;

export interface ListenOptions {
  readonly type: 'stream' | 'seqpacket';
  /** File mode of the socket. */
  readonly mode: number;
  /** Where clients share the loop's time; without it nobody is paced. */
  readonly turns?: Turns;
}

/** EADDRINUSE where somebody listens already. */
export function listenAt(path: string, options: ListenOptions, onConnection: OnConnection): Disposable {
  const listening = listenReplacing(path, options);
  const watching = serveConnections(listening, onConnection, options.turns);
  return {
    [Symbol.dispose]() {
      watching[Symbol.dispose]();
      // While it listens, the name is its own: afterwards this could be a successor's. Maybe the directory is gone, too.
      rmSync(path, { force: true });
      listening[Symbol.dispose]();
    },
  };
}

/**
 * The same on a listening socket that stays the caller's, its file too. A connection for which this process has no
 * descriptor left, in accepting it or in `onConnection`, is closed; the others and the process go on.
 */
export function serveConnections(
  listening: OwnedFd,
  onConnection: OnConnection,
  turns: Turns = unpacedTurns,
): Disposable {
  // Given up for a moment to accept what could not be: a connection left waiting would call the watch for ever.
  let spare: OwnedFd | undefined = duplicateFd(listening.fd);
  // Connections in a row of processes that have spent their credit.
  let crowd = 0;
  let again: NodeJS.Timeout | undefined;

  /** One connection a turn: others get their turn between two. Says which process it came from. */
  function takeTurn(): number | undefined {
    let connection: OwnedFd | undefined;
    let pid: number | undefined;
    try {
      connection = acceptUnix(listening.fd);
      if (!connection) return undefined;
      pid = peerCredentials(connection.fd).pid;
      crowd = turns.rests(pid) ? crowd + 1 : 0;
      if (crowd > crowdLimit && isGone(connection)) connection[Symbol.dispose]();
      else onConnection(connection, turns.client(pid));
    } catch (error) {
      if (!isOutOfDescriptors(error)) throw error;
      connection?.[Symbol.dispose]();
      if (!connection) pid = turnAway();
    }
    return pid;
  }

  /** Closes the connection that could not be accepted; says which process it came from. */
  function turnAway(): number | undefined {
    let pid: number | undefined;
    try {
      spare?.[Symbol.dispose]();
      spare = undefined;
      {
        using connection = acceptUnix(listening.fd);
        pid = connection && peerCredentials(connection.fd).pid;
      }
      spare = duplicateFd(listening.fd);
    } catch (error) {
      // Others take what comes free, or this process may have fewer than it has: it is deaf until there is one again.
      if (!isOutOfDescriptors(error)) throw error;
      watching[Symbol.dispose]();
      again = setTimeout(watchAgain, againMs);
    }
    return pid;
  }

  function watchAgain(): void {
    try {
      spare ??= duplicateFd(listening.fd);
      watching = turns.watchForAll(listening.fd, takeTurn);
    } catch (error) {
      if (!isOutOfDescriptors(error)) throw error;
      again = setTimeout(watchAgain, againMs);
    }
  }

  let watching = turns.watchForAll(listening.fd, takeTurn);
  return {
    [Symbol.dispose]() {
      clearTimeout(again);
      watching[Symbol.dispose]();
      spare?.[Symbol.dispose]();
    },
  };
}

/** How long nobody is accepted when there is not even a spare descriptor. */
const againMs = 100;

/** After as many, those that are gone are not served: thousands may stand in the queue, and others behind them. */
const crowdLimit = 16;

/** Or talks before it was greeted. Where clients speak first (gralloc's do), one in such a crowd has to come again. */
function isGone(connection: OwnedFd): boolean {
  return waitReadable(connection.fd, 0) === 'readable';
}
