// The argument of COND_WAIT, as a wait in the event loop and one that blocks a thread both send it.
import { vsocCondWait, waitType } from '../layout/index.js';
import { encode } from '../wire/encode.js';

/**
 * Sleep while the word at region offset `offset` holds `value`, as 32 bits, until the absolute deadline if there is one.
 */
export function condWaitArgument(offset: number, value: number, deadlineNs: bigint | undefined): Uint8Array {
  // A time before the clock began is as past as any, but has no place in unsigned fields.
  const wakeTimeNs = deadlineNs !== undefined && deadlineNs > 0n ? deadlineNs : 0n;
  return encode(vsocCondWait, {
    offset,
    value: value >>> 0,
    wakeTimeSec: wakeTimeNs / 1_000_000_000n,
    wakeTimeNsec: Number(wakeTimeNs % 1_000_000_000n),
    waitType: deadlineNs === undefined ? waitType.ifEqual : waitType.ifEqualTimeout,
    wakes: 0,
    reserved1: 0,
  });
}
