// The argument of COND_WAIT, as a wait in the event loop and one that blocks a thread both send it.
import { vsocCondWait, waitType } from '../layout/index.js';
import { encode } from '../wire/encode.js';

/** Sleep while the word at region offset `offset` holds `value`, until the absolute deadline if there is one. */
export function condWaitArgument(offset: number, value: number, deadlineNs: bigint | undefined): Uint8Array {
  return encode(vsocCondWait, {
    offset,
    value,
    wakeTimeSec: (deadlineNs ?? 0n) / 1_000_000_000n,
    wakeTimeNsec: Number((deadlineNs ?? 0n) % 1_000_000_000n),
    waitType: deadlineNs === undefined ? waitType.ifEqual : waitType.ifEqualTimeout,
    wakes: 0,
    reserved1: 0,
  });
}
