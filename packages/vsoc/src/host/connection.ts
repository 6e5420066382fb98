// One connection of a host client to the ivshmem server: names a region, gets its descriptors, hears notices.
import type { OwnedFd } from '@vsoc/native';
import { type AbortOptions, listenForAbort } from '../abort.js';
import { codeOf, VsocError } from '../errors.js';
import {
  answerTextLimitBytes,
  connectSocket,
  hostAnswer,
  hostHello,
  hostNotice,
  hostProtocolVersion,
  noticeKind,
  StreamBuffer,
  type UnixSocket,
} from '../wire/index.js';

/** What the server handed out for a region; the holder owns the descriptors. */
export interface RegionGrant extends Disposable {
  readonly beginOffset: number;
  readonly endOffset: number;
  readonly guestToHostDoorbell: OwnedFd;
  readonly hostToGuestDoorbell: OwnedFd;
  readonly window: OwnedFd;
  /** The connection; as long as it is open the server knows that this client lives. */
  readonly connection: Disposable;
}

export interface ConnectionEvents {
  /** A guest has started with this epoch; 0: the guest's connection is gone. */
  onGuestEpoch(epoch: number): void;
  /** The server closed the connection or sent what the protocol does not know. */
  onLost(error: Error): void;
}

/** Rejects with the server's own refusal, EPROTO for another protocol, ECONNRESET when it hangs up half-way. */
export function requestRegion(
  serverSocket: string,
  name: string,
  events: ConnectionEvents,
  { signal }: AbortOptions = {},
): Promise<RegionGrant> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const op = `open region ${name}`;
    const buffer = new StreamBuffer({ bytes: answerTextLimitBytes + 256, fds: 3 });
    let state: 'hello' | 'answer' | 'open' = 'hello';

    const fail = (error: Error) => {
      aborting[Symbol.dispose]();
      socket[Symbol.dispose]();
      buffer[Symbol.dispose]();
      if (state === 'open') events.onLost(error);
      else reject(error);
    };

    const socket: UnixSocket = connectSocket(serverSocket, 'stream', {
      onMessage(bytes, fds) {
        try {
          buffer.push(bytes, fds);
          if (state === 'open' && fds.length > 0) {
            throw new VsocError('EPROTO', op, `${fds.length} descriptors with a notice, which has none`);
          }
          while (step()) {
            /* as long as whole messages are there */
          }
        } catch (error) {
          fail(error as Error);
        }
      },
      onEnd: (error) => fail(error ?? new VsocError('ECONNRESET', op, 'the server closed the connection')),
    });

    const aborting = listenForAbort(signal, fail);

    /** Takes one message; false when there is no whole one. */
    function step(): boolean {
      if (state === 'hello') return takeHello();
      if (state === 'answer') return takeAnswer();
      const view = buffer.take(hostNotice.size);
      if (!view) return false;
      const notice = hostNotice.read(view, 0);
      if (notice.kind === noticeKind.guestEpoch) events.onGuestEpoch(notice.epoch);
      return true;
    }

    function takeHello(): boolean {
      const view = buffer.take(hostHello.size);
      if (!view) return false;
      const { version } = hostHello.read(view, 0);
      if (version !== hostProtocolVersion) {
        throw new VsocError('EPROTO', op, `server speaks version ${version}, this is ${hostProtocolVersion}`);
      }
      state = 'answer';
      socket.send(encodeName(name));
      return true;
    }

    function takeAnswer(): boolean {
      const head = buffer.look(hostAnswer.size);
      if (!head) return false;
      const answer = hostAnswer.read(head, 0);
      if (answer.textLength > answerTextLimitBytes) {
        throw new VsocError('EPROTO', op, `answer with a text of ${answer.textLength} bytes`);
      }
      const whole = buffer.take(hostAnswer.size + answer.textLength);
      if (!whole) return false;
      if (answer.status !== 0) {
        const text = new TextDecoder().decode(new Uint8Array(whole.buffer, hostAnswer.size));
        throw new VsocError(codeOf(answer.status) ?? 'EPROTO', op, text);
      }
      const [guestToHostDoorbell, hostToGuestDoorbell, window] = [0, 1, 2].map(() => buffer.takeFd());
      if (!guestToHostDoorbell || !hostToGuestDoorbell || !window) {
        for (const fd of [guestToHostDoorbell, hostToGuestDoorbell, window]) fd?.[Symbol.dispose]();
        throw new VsocError('EPROTO', op, 'answer without its three descriptors');
      }
      state = 'open';
      aborting[Symbol.dispose]();
      const { beginOffset, endOffset } = answer;
      resolve({
        beginOffset,
        endOffset,
        guestToHostDoorbell,
        hostToGuestDoorbell,
        window,
        connection: socket,
        [Symbol.dispose]() {
          socket[Symbol.dispose]();
          buffer[Symbol.dispose]();
          for (const fd of [guestToHostDoorbell, hostToGuestDoorbell, window]) fd[Symbol.dispose]();
        },
      });
      return true;
    }
  });
}

function encodeName(name: string): Uint8Array {
  const text = new TextEncoder().encode(name);
  const bytes = new Uint8Array(2 + text.byteLength);
  new DataView(bytes.buffer).setInt16(0, text.byteLength, true);
  bytes.set(text, 2);
  return bytes;
}
