// The ioctls that sleep: COND_WAIT and WAIT_FOR_INCOMING_INTERRUPT, and COND_WAKE beside them.
import { type ErrorCode, VsocError } from '../errors.js';
import { vsocCondWait, waitType } from '../layout/index.js';
import { atDeadline, isRaised, type Waiter } from '../signalling/index.js';
import type { Description } from './description.js';
import type { InterruptWaiter } from './region.js';

const hex = (value: number) => `0x${value.toString(16)}`;

/** A request that has not been answered yet. */
export interface Pending {
  /** Answers it with EINTR. */
  interrupt(): void;
}

/** How an ioctl ends: well, or with an errno's name and why; the argument bytes go back in any case. */
export type Finish = (code: ErrorCode | undefined, bytes: Uint8Array, text?: string) => void;

/** Throws EADDRNOTAVAIL, E2BIG, EPERM for a word that this description may not wait on or wake. */
export function checkWord(description: Description, offset: number, op: string): void {
  const { region, permission } = description;
  const where = `word ${hex(offset)} of ${region.layout.name}`;
  if (offset % 4 !== 0) throw new VsocError('EADDRNOTAVAIL', op, `${where}: not 4-aligned`);
  if (offset + 4 > region.sizeBytes) {
    throw new VsocError('E2BIG', op, `${where}: the last word is ${hex(region.sizeBytes - 4)}`);
  }
  if (region.layout.managedBy === 0) return;
  const allowed = permission && offset >= permission.beginOffset && offset + 4 <= permission.endOffset;
  if (!allowed) throw new VsocError('EPERM', op, `${where}: outside the description's permission`);
}

/** COND_WAIT: registers, tests, and answers when the word differs, the deadline passes or it is interrupted. */
export function condWait(description: Description, bytes: Uint8Array, finish: Finish): Pending | undefined {
  const op = 'VSOC_COND_WAIT';
  const argument = new Uint8Array(vsocCondWait.size);
  argument.set(bytes.subarray(0, argument.byteLength));
  const view = new DataView(argument.buffer);
  const input = vsocCondWait.read(view, 0);
  const answer = (code: ErrorCode | undefined, wakes: number, text?: string) => {
    vsocCondWait.write(view, 0, { ...input, wakes });
    finish(code, argument, text);
  };
  try {
    checkWord(description, input.offset, op);
    checkType(input.waitType, input.wakeTimeNsec, op);
  } catch (error) {
    if (!(error instanceof VsocError)) throw error;
    answer(error.code, 0, error.detail);
    return undefined;
  }
  const { waiters } = description.region;
  let deadline: Disposable | undefined;
  let sleeping = true;
  const end = (code: ErrorCode | undefined, wakes: number) => {
    if (!sleeping) return;
    sleeping = false;
    deadline?.[Symbol.dispose]();
    waiters.remove(waiter);
    description.sleeping.delete(pending);
    answer(code, wakes);
  };
  const pending: Pending = { interrupt: () => end('EINTR', waiter.wakes) };
  const waiter: Waiter = {
    offset: input.offset,
    value: input.value,
    wakes: 0,
    onChanged: (wakes) => end(undefined, wakes),
    // The driver's regions close with its process.
    onClosed: () => end('ENODEV', waiter.wakes),
  };
  waiters.add(waiter);
  if (!sleeping) return undefined;
  description.sleeping.add(pending);
  if (input.waitType === waitType.ifEqualTimeout) {
    const deadlineNs = input.wakeTimeSec * 1_000_000_000n + BigInt(input.wakeTimeNsec);
    deadline = atDeadline(deadlineNs, () => {
      // Changed though nobody said so, or not yet: success however late.
      if (waiters.testOne(waiter) === 'unchanged') end('ETIMEDOUT', waiter.wakes);
    });
  }
  return pending;
}

function checkType(type: number, nanoseconds: number, op: string): void {
  if (type !== waitType.ifEqual && type !== waitType.ifEqualTimeout) {
    throw new VsocError('EINVAL', op, `wait_type is 1 or 2, not ${type}`);
  }
  // A wait without a deadline ignores the time, but not a malformed one: the order of checks is contract.
  if (nanoseconds >= 1_000_000_000) {
    throw new VsocError('EINVAL', op, `wake_time_nsec is below 1000000000, not ${nanoseconds}`);
  }
}

/** COND_WAKE: the sleepers on that word alone test it again. */
export function condWake(description: Description, offset: number): void {
  checkWord(description, offset, 'VSOC_COND_WAKE');
  description.region.waiters.test(new Set([offset]));
}

/**
 * WAIT_FOR_INCOMING_INTERRUPT: from the first one on, the description receives for the region. Returns at once while
 * the interrupt word is raised, and leaves lowering it to the caller.
 */
export function waitForInterrupt(description: Description, finish: Finish): Pending | undefined {
  const { region } = description;
  // Interrupt word and table of a managed region lie outside every area: who may not touch them cannot receive.
  if (region.layout.managedBy !== 0) {
    const text = `${region.layout.name} is managed: its interrupts are the guest driver's`;
    throw new VsocError('EPERM', 'VSOC_WAIT_FOR_INCOMING_INTERRUPT', text);
  }
  region.receivers.add(description);
  const nothing = new Uint8Array(0);
  if (isRaised(region.hostToGuest)) {
    finish(undefined, nothing);
    return undefined;
  }
  const end = (code: ErrorCode | undefined) => {
    if (!region.interruptWaiters.delete(waiter)) return;
    description.sleeping.delete(pending);
    finish(code, nothing);
  };
  const waiter: InterruptWaiter = { description, wake: () => end(undefined) };
  const pending: Pending = { interrupt: () => end('EINTR') };
  region.interruptWaiters.add(waiter);
  description.sleeping.add(pending);
  return pending;
}
