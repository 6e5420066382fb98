// Host clients of the server: each names a region, gets its descriptors, and hears of guests that start or go. One
// loop for all; whoever is silent, slow or malformed is answered and closed alone.
import type { OwnedFd } from '@vsoc/native';
import { type ErrorCode, errnoOf, VsocError } from '@vsoc/vsoc';
import type { RegionLayout } from '@vsoc/vsoc/layout';
import {
  answerTextLimitBytes,
  type Client,
  encode,
  hostAnswer,
  hostHello,
  hostProtocolVersion,
  nameDeadlineMs,
  openSocket,
  StreamBuffer,
  type UnixSocket,
} from '@vsoc/vsoc/wire';
import { type Notices, openNotices } from './notices.js';
import type { ServedWindow } from './window.js';

export interface HostClients extends Disposable {
  /** Takes ownership of a fresh connection. */
  accept(connection: OwnedFd, who: Client): void;
  /** Tells all clients: a guest has started with `epoch`, or, with 0, its connection is gone. */
  announceGuest(epoch: number): void;
  readonly count: number;
}

export interface HostClientEvents {
  onRefused(reason: string): void;
}

/** More at a time are refused with EMFILE: each costs a descriptor and a buffer. */
export const hostClientLimit = 256;
const longestName = 15;
/** Room for a wrong first message, so that the refusal can say what is wrong with its name. */
const receiveLimitBytes = 4096;

export function serveHostClients(window: ServedWindow, events: HostClientEvents): HostClients {
  const clients = new Set<{ isOpen: boolean; readonly notices: Notices; close(): void }>();

  function accept(connection: OwnedFd, who: Client): void {
    const buffer = new StreamBuffer({ bytes: receiveLimitBytes, fds: 0 });
    let region: RegionLayout | undefined;

    const onMessage = (bytes: Uint8Array, fds: readonly OwnedFd[]) => {
      try {
        buffer.push(bytes, fds);
        if (client.isOpen) return drop('a client sends its name and nothing else');
        const name = takeName(buffer);
        if (name !== undefined) open(name);
      } catch (error) {
        if (!(error instanceof VsocError)) throw error;
        if (client.isOpen) drop(error.detail);
        else refuse(error.code, error.detail);
      }
    };
    const socket: UnixSocket = openSocket(connection, { onMessage, onEnd: () => client.close() }, who);
    const deadline = setTimeout(
      () => refuse('ETIMEDOUT', `no whole name within ${nameDeadlineMs} ms`),
      nameDeadlineMs,
    );
    const client = {
      isOpen: false,
      notices: openNotices((notice) => socket.send(notice)),
      close() {
        if (!clients.delete(client)) return;
        clearTimeout(deadline);
        client.notices[Symbol.dispose]();
        socket[Symbol.dispose]();
        buffer[Symbol.dispose]();
        // It may have died between hint and doorbell, or before it told its own side.
        if (region) window.ringBoth(region);
      },
    };

    /** Without an answer: it has had one, and would take a second one for a notice. */
    function drop(text: string): void {
      events.onRefused(text);
      client.close();
    }

    function refuse(code: ErrorCode, text: string): void {
      const tail = new TextEncoder().encode(text).subarray(0, answerTextLimitBytes);
      const status = -errnoOf(code);
      socket.send(
        encode(hostAnswer, { status, beginOffset: 0, endOffset: 0, textLength: tail.byteLength }, tail),
      );
      drop(text);
    }

    function open(name: string): void {
      const found = window.layout.regions.find((candidate) => candidate.name === name);
      const doorbells = found && window.doorbells[found.index];
      if (!doorbells) {
        const known = window.layout.regions.map((candidate) => candidate.name).join(', ');
        throw new VsocError('ENOENT', 'open', `no region ${JSON.stringify(name)}; there are ${known}`);
      }
      const { beginOffset, endOffset } = found;
      const fds = [doorbells.guestToHost.fd, doorbells.hostToGuest.fd, window.fd.fd];
      clearTimeout(deadline);
      client.isOpen = true;
      region = found;
      if (!socket.send(encode(hostAnswer, { status: 0, beginOffset, endOffset, textLength: 0 }), fds))
        refuse('ENOBUFS', 'its descriptors could not be sent: too many wait unread');
    }

    clients.add(client);
    socket.send(encode(hostHello, { version: hostProtocolVersion }));
    if (clients.size > hostClientLimit) {
      refuse('EMFILE', `${hostClientLimit} host clients are connected; no more are served`);
    }
  }

  return {
    accept,
    announceGuest(epoch) {
      for (const client of clients) if (client.isOpen) client.notices.tell(epoch);
    },
    get count() {
      return clients.size;
    },
    [Symbol.dispose]() {
      for (const client of clients) client.close();
    },
  };
}

/** The client's name once it is whole; throws EINVAL for what no name is, EPROTO for more than a name. */
function takeName(buffer: StreamBuffer): string | undefined {
  const head = buffer.look(2);
  if (!head) return undefined;
  const length = head.getInt16(0, true);
  if (length < 1 || length > longestName) {
    throw new VsocError('EINVAL', 'open', `a region's name has 1 to ${longestName} bytes, not ${length}`);
  }
  if (buffer.byteCount > 2 + length) {
    throw new VsocError(
      'EPROTO',
      'open',
      `a client sends its name and nothing else, saw ${buffer.byteCount} bytes`,
    );
  }
  const whole = buffer.take(2 + length);
  return whole && decodeName(new Uint8Array(whole.buffer, 2, length));
}

/** Exactly: a mark of byte order is part of the name, so that it is no other spelling of one that there is. */
function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new VsocError('EINVAL', 'open', "a region's name is ASCII text, this is not even UTF-8");
  }
}
