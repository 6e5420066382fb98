// What an exploration is told: threads that run real code over one space, and what would be wrong.
import type { Body, Operation } from './operation.js';
import type { Cell, Space } from './space.js';

export interface ThreadPlan {
  readonly body: Body;
  /** It may stop for ever before any of its operations, as if killed; the cell then holds 1. */
  readonly crash?: Cell;
  /** Serves others: it may sleep when all else is over. */
  readonly isService?: boolean;
  /** Runs by itself to its first sleep before the others start. */
  readonly startsAlone?: boolean;
  /** For mutants of code that cannot be taken apart: what becomes of an operation. */
  readonly alter?: (operation: Operation) => Operation;
}

export interface Model {
  readonly threads: Readonly<Record<string, ThreadPlan>>;
  /** What is wrong with a state in which nobody can go on. Left out: that anybody but a service sleeps in it. */
  atEnd?(end: Now): string | undefined;
  /** What is wrong with any state. */
  always?(now: Now): string | undefined;
}

/** A state as a model's checks see it. */
export interface Now {
  cell(cell: Cell): number;
  word(words: Int32Array, index: number): number;
}

export interface Case {
  readonly name: string;
  build(space: Space): Model;
}
