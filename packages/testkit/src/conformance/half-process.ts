// The test's end of a process that holds a half.

import type { Mark, Operation, Side } from './hal.js';
import { type Command, HalfError, type Reply } from './messages.js';

/** What carries requests to the process and its replies back, and can end it. */
export interface Wire {
  send(request: object): void;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Resolves, with the reason, when the process is gone, whatever the cause. */
  readonly gone: Promise<string>;
}

export interface Asked<T> {
  /** Under way: a wait sleeps. */
  readonly begun: Promise<void>;
  readonly done: Promise<T>;
}

export interface HalfProcess {
  readonly side: Side;
  ask<T = unknown>(command: Command): Asked<T>;
  kill(): Promise<void>;
  readonly isGone: boolean;
}

export interface HalfProcessClient extends HalfProcess {
  onReply(reply: Reply): void;
}

interface Waiting {
  begin(): void;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export function openHalfProcess(side: Side, wire: Wire): HalfProcessClient {
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let goneBecause: string | undefined;
  void wire.gone.then((reason) => {
    goneBecause = reason;
    for (const waiter of waiting.values()) waiter.reject(new Error(`the ${side} half's process ${reason}`));
    waiting.clear();
  });

  return {
    side,
    kill: () => wire.kill(),
    get isGone() {
      return goneBecause !== undefined;
    },
    ask<T>(command: Command): Asked<T> {
      if (goneBecause !== undefined) throw new Error(`the ${side} half's process ${goneBecause}`);
      const id = nextId++;
      let begin = () => {};
      const done = new Promise<unknown>((resolve, reject) => {
        waiting.set(id, { begin: () => begin(), resolve, reject });
      });
      const begun = new Promise<void>((resolve) => {
        begin = resolve;
        done.then(() => resolve()).catch(() => resolve());
      });
      wire.send({ id, ...command });
      return { begun, done: done as Promise<T> };
    },
    onReply(reply) {
      const waiter = waiting.get(reply.id);
      if (!waiter) return;
      if ('begun' in reply) return waiter.begin();
      waiting.delete(reply.id);
      if ('error' in reply) waiter.reject(new HalfError(reply.error));
      else waiter.resolve('value' in reply ? reply.value : undefined);
    },
  };
}

/** A half that was opened in such a process, as the cases use it. */
export interface OpenHalf {
  readonly side: Side;
  readonly process: HalfProcess;
  tell(): Promise<Mark>;
  hear(boundMs?: number): Asked<Mark>;
  look(mark: Mark): Promise<Mark>;
  /** Resolves with 'timed-out', or anything else when the answer came. */
  untilAnswered(mark: Mark, boundMs?: number): Asked<unknown>;
  operate(verb: Operation, mark: Mark | undefined, boundMs: number): Asked<unknown>;
  keepBusy(
    operation: Operation,
    mark: Mark | undefined,
    options: { restless: readonly number[]; boundMs: number },
  ): Asked<unknown>;
  epoch(): Promise<number>;
  dispose(): Promise<void>;
  /** Half and device; with a time to settle, rejects when anything of them is left after it. */
  close(options?: { settleMs: number }): Promise<void>;
}

/** A watchdog: much longer than any of it takes on a busy machine. */
export const usualBoundMs = 60_000;

/** `onClosed`: its process can hold another half. */
export function openHalf(process: HalfProcess, onClosed: () => void): OpenHalf {
  const marked = (mark: Mark | undefined) => (mark === undefined ? {} : { mark });
  const operate = (verb: Operation, mark: Mark | undefined, boundMs: number) =>
    process.ask({ verb, ...marked(mark), boundMs });
  return {
    side: process.side,
    process,
    operate,
    tell: () => operate('tell', undefined, usualBoundMs).done as Promise<Mark>,
    hear: (boundMs = usualBoundMs) => operate('hear', undefined, boundMs) as Asked<Mark>,
    look: (mark) => operate('look', mark, usualBoundMs).done as Promise<Mark>,
    untilAnswered: (mark, boundMs = usualBoundMs) => operate('untilAnswered', mark, boundMs),
    keepBusy: (operation, mark, options) =>
      process.ask({ verb: 'keepBusy', operation, ...marked(mark), ...options }),
    epoch: () => process.ask<number>({ verb: 'epoch' }).done,
    dispose: () => process.ask<void>({ verb: 'dispose' }).done,
    async close(options) {
      try {
        await process.ask({ verb: 'close', ...options }).done;
      } finally {
        if (!process.isGone) onClosed();
      }
    },
  };
}
