// Wakes for the waiters of a region in other guest processes: a COND_WAKE for each word that was signalled. One request
// is under way at a time, so that no burst of signals can fill the channel; a word that waits for its turn is woken
// once for all signals until then, since its waiters look at the word itself.
import type { OwnedFd } from '@vsoc/native';
import { VsocError } from '../errors.js';
import { ioctlNumber } from '../layout/index.js';
import type { Channel } from './channel.js';

export interface OwnSide extends Disposable {
  /** Throws ENODEV when the guest driver is gone. */
  wake(offset: number): void;
}

/** `token` and `channel` stay the caller's. */
export function openOwnSide(channel: Channel, token: OwnedFd): OwnSide {
  const due = new Set<number>();
  let isUnderWay = false;
  let retry: NodeJS.Immediate | undefined;

  /** Sends the oldest due wake, unless one is under way. */
  function sendNext(): void {
    const [offset] = due;
    if (offset === undefined || isUnderWay) return;
    due.delete(offset);
    isUnderWay = true;
    const isSent = send(offset, () => {
      isUnderWay = false;
      if (!channel.lost.aborted && !token.closed) sendNext();
    });
    if (isSent) return;
    // Other requests fill the channel; this one must not be lost for that.
    isUnderWay = false;
    due.add(offset);
    retry ??= setImmediate(() => {
      retry = undefined;
      sendNext();
    });
  }

  /** False when the channel is full. */
  function send(offset: number, onAnswer: () => void): boolean {
    const op = 'VSOC_COND_WAKE';
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
      clearImmediate(retry);
      // A last close makes the driver test all waiters of the region, and so does any wake; the token may live on.
      const [offset] = due;
      due.clear();
      if (offset !== undefined && !channel.lost.aborted) send(offset, () => {});
    },
  };
}
