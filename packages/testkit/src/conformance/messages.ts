// Between a test and a process that holds a half: JSON objects, over whatever carries them. Here that is the lifeline of
// a local process; for a guest in a virtual machine it can be any stream.

import type { Mark, Operation } from './hal.js';

export type Request = { readonly id: number } & Command;

export type Command =
  | { readonly verb: 'open'; readonly hal: string; readonly runDir: string }
  | { readonly verb: Operation; readonly mark?: Mark; readonly boundMs: number }
  /** An operation over and over until the time is over, among words that do not rest before the close. */
  | {
      readonly verb: 'keepBusy';
      readonly operation: Operation;
      readonly mark?: Mark;
      readonly restless: readonly number[];
      readonly boundMs: number;
    }
  /** The half alone, its device stays open. */
  | { readonly verb: 'dispose' }
  /** Half and device; with a time to settle, nothing of them may be left after it. */
  | { readonly verb: 'close'; readonly settleMs?: number }
  | { readonly verb: 'epoch' };

/** Each request is answered twice: once when it is under way, once when it is over. */
export type Reply = { readonly id: number } & (
  | { readonly begun: true }
  | { readonly value: unknown }
  | { readonly error: SentError }
);

export interface SentError {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
}

/** An error that a half threw in its own process. */
export class HalfError extends Error {
  override readonly name: string;
  readonly code: string | undefined;

  constructor({ name, code, message }: SentError) {
    super(message);
    this.name = name;
    this.code = code;
  }
}

export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: 'not an Error', message: String(error) };
  const { name, message } = error;
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name, ...code, message };
}
