// The shared state of a model: cells, all in one small array that states are compared by.
import { perform } from './operation.js';

/** The memory of a model as `explore` keeps it; words beyond it are refused. */
export const memoryWords = 64;

/** One word of the state. */
export interface Cell {
  readonly name: string;
  readonly index: number;
}

export class Space {
  readonly #places: Map<string, number>;
  readonly #taken = new Set<string>();

  /** `places`: where another space of the same model has its cells, for state that is shared between the two. */
  constructor(places: ReadonlyMap<string, number> = new Map()) {
    this.#places = new Map(places);
  }

  /** Where each cell lies, by name. */
  get places(): ReadonlyMap<string, number> {
    return this.#places;
  }

  /** A new cell; it holds 0 at first. */
  cell(name: string): Cell {
    if (this.#taken.has(name)) throw new Error(`a model has two cells called '${name}'`);
    this.#taken.add(name);
    const index = this.#places.get(name) ?? this.#places.size;
    if (index >= memoryWords) throw new RangeError(`${name}: a model has at most ${memoryWords} words`);
    this.#places.set(name, index);
    return { name, index };
  }
}

/** No way: the thread sleeps. */
export const never: readonly number[] = [];
export const once: readonly number[] = [0];

/** The word at `index`; 0 where there is none. */
export function at(memory: Int32Array, index: number): number {
  return memory[index] ?? 0;
}

/** Returns the value before. */
export function add(memory: Int32Array, index: number, by: number): number {
  const before = at(memory, index);
  memory[index] = before + by;
  return before;
}

/** Sleeps until one of `isReady` holds, and tells which: when several do, each of them is explored. */
export function select(what: string, isReady: readonly ((memory: Int32Array) => boolean)[]): number {
  return perform({
    what: `sleep until ${what}`,
    ways: (memory) => isReady.flatMap((ready, way) => (ready(memory) ? [way] : [])),
    apply: (_memory, way) => way,
  });
}
