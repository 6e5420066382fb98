// Wakes for the waiters of a region in other guest processes: a COND_WAKE for each word that was signalled. One request
// is under way at a time, so that no burst of signals can fill the channel; a word that waits for its turn is woken
// once for all signals until then, since its waiters look at the word itself.
import type { OwnedFd } from '@vsoc/native';
import { VsocError } from '../errors.js';
import { ioctlNumber } from '../layout/index.js';
import type { Channel } from './channel.js';

/** When a channel that is full is tried again. */
const retryMs = 1;

export interface OwnSide extends Disposable {
  /** Throws ENODEV when the guest driver is gone. */
  wake(offset: number): void;
}

/** `token` and `channel` stay the caller's. */
export function openOwnSide(channel: Channel, token: OwnedFd): OwnSide {
  const due = new Set<number>();
  let isUnderWay = false;
  let retry: NodeJS.Timeout | undefined;

  /** Sends the oldest due wake, unless one is under way. */
  function sendNext(): void {
    const [offset] = due;
    if (offset === undefined || isUnderWay) return;
    isUnderWay = send(offset, () => {
      isUnderWay = false;
      goOn();
    });
    if (isUnderWay) {
      due.delete(offset);
      return;
    }
    // Other requests fill the channel; this one must not be lost for that.
    retry ??= setTimeout(() => {
      retry = undefined;
      goOn();
    }, retryMs);
  }

  /** In nobody's call: that the driver is gone is told by `channel.lost`, and leaves nobody to wake. */
  function goOn(): void {
    if (channel.lost.aborted || token.closed) return;
    try {
      sendNext();
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  /** False when the channel is full. */
  function send(offset: number, onAnswer: () => void): boolean {
    const op = 'VSOC_COND_WAKE';
    if (token.closed) throw new VsocError('EBADF', op, 'the description was closed');
    try {
      channel.callNow({ request: ioctlNumber.condWake, op, tokens: [token.fd], argument: offset }, onAnswer);
      return true;
    } catch (error) {
      if (error instanceof VsocError && error.code === 'EAGAIN') return false;
      throw error;
    }
  }

  return {
    wake(offset) {
      due.add(offset);
      sendNext();
    },
    [Symbol.dispose]() {
      // A last close makes the driver test all waiters of the region, and so does any wake; the token may live on.
      isUnderWay = false;
      goOn();
      clearTimeout(retry);
      due.clear();
    },
  };
}

const isGone = (error: unknown) => error instanceof VsocError && error.code === 'ENODEV';
