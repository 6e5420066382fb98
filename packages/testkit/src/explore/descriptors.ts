// What stands for descriptors in a model: doorbells between the sides, channels between processes.
import { perform } from './operation.js';
import { add, at, type Cell, never, once, type Space } from './space.js';

/** Whether it is right to sleep for ever, in a state in which nobody else can go on. */
export type MayRest = (memory: Int32Array) => boolean;

/** An eventfd that nobody reads, watched for edges: several rings before the watcher looks are one edge. */
export interface Doorbell {
  ring(): void;
  /** How often it has rung. */
  count(): number;
  hasRung(memory: Int32Array, seen: number): boolean;
  /** Sleeps until it has rung more than `seen` times; returns how often it has by now. */
  sleepPast(seen: number, mayRest?: MayRest): number;
}

const wrong: MayRest = () => false;

export function openDoorbell(space: Space, name: string): Doorbell {
  const { index } = space.cell(name);
  const hasRung = (memory: Int32Array, seen: number) => at(memory, index) > seen;
  return {
    ring: () => void perform({ what: `ring ${name}`, apply: (memory) => add(memory, index, 1) }),
    count: () => perform({ what: `count the rings of ${name}`, apply: (memory) => at(memory, index) }),
    hasRung,
    sleepPast: (seen, mayRest = wrong) =>
      perform({
        mayRest,
        what: `sleep until ${name} has rung more than ${seen} times`,
        ways: (memory) => (hasRung(memory, seen) ? once : never),
        apply: (memory) => at(memory, index),
      }),
  };
}

/** Messages from one thread to another, in order; numbers other than 0. */
export interface Mailbox {
  /** Sleeps while it is full. */
  send(message: number): void;
  /** Sleeps until there is one. */
  receive(mayRest?: MayRest): number;
  /** Those that are under way. */
  messages(memory: Int32Array): readonly number[];
}

export function openMailbox(space: Space, name: string, places: number): Mailbox {
  const cells: readonly Cell[] = Array.from({ length: places }, (_, place) =>
    space.cell(`${name}, place ${place}`),
  );
  const messages = (memory: Int32Array) =>
    cells.map(({ index }) => at(memory, index)).filter((message) => message !== 0);
  const hold = (memory: Int32Array, held: readonly number[]) => {
    for (const [place, { index }] of cells.entries()) memory[index] = held[place] ?? 0;
  };
  return {
    messages,
    send(message) {
      perform({
        what: `send ${message} to ${name}`,
        ways: (memory) => (messages(memory).length < places ? once : never),
        apply(memory) {
          hold(memory, [...messages(memory), message]);
          return 0;
        },
      });
    },
    receive: (mayRest = wrong) =>
      perform({
        mayRest,
        what: `receive from ${name}`,
        ways: (memory) => (messages(memory).length > 0 ? once : never),
        apply(memory) {
          const [first = 0, ...rest] = messages(memory);
          hold(memory, rest);
          return first;
        },
      }),
  };
}
