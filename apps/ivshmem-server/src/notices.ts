// What one host client is told of guests: the latest epoch, at its own pace. A guest writes epochs as fast as memory goes,
// so what was not sent yet is replaced by what is newer, and a socket that is full for a moment is tried again.
import { encode, hostNotice, noticeKind } from '@vsoc/vsoc/wire';

/** Between two notices to one client. */
const intervalMs = 5;
/** A client that does not read now may stand still for long. */
const retryMs = 100;

export interface Notices extends Disposable {
  tell(epoch: number): void;
}

/** `send` is false where the client's socket takes nothing now. */
export function openNotices(send: (notice: Uint8Array) => boolean): Notices {
  let untold: number | undefined;
  let pause: NodeJS.Timeout | undefined;

  function tellLatest(): void {
    pause = undefined;
    if (untold === undefined) return;
    const isTold = send(encode(hostNotice, { kind: noticeKind.guestEpoch, epoch: untold }));
    if (isTold) untold = undefined;
    pause = setTimeout(tellLatest, isTold ? intervalMs : retryMs);
  }
  return {
    tell(epoch) {
      untold = epoch;
      if (!pause) tellLatest();
    },
    [Symbol.dispose]: () => clearTimeout(pause),
  };
}
