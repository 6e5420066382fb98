// Words that the code under test takes for an Int32Array over shared memory. What it does to them by Atomics comes here
// through intercept.ts, plain reads and stores by the array's own indices.
import { type Operation, perform } from './operation.js';
import { at, type Cell, once, type Space } from './space.js';

export interface WordsOptions {
  /** For people, by index. */
  readonly names?: readonly string[];
  /** A plain read may also see 0 where the word is set: harsher than any hardware or compiler. */
  readonly plainReadsMayMiss?: boolean;
  /** What `length` says. */
  readonly length?: number;
}

const cellsOf = new WeakMap<object, (index: number) => Cell>();
const windows = new WeakMap<object, Int32Array>();

/** Only the words that the code touches become cells. */
export function sharedWords(space: Space, what: string, options: WordsOptions = {}): Int32Array {
  const { names = [], plainReadsMayMiss = false, length } = options;
  const cells = new Map<number, Cell>();
  const cellAt = (index: number): Cell => {
    let cell = cells.get(index);
    if (cell === undefined) {
      cell = space.cell(names[index] ?? `${what}[${index}]`);
      cells.set(index, cell);
    }
    return cell;
  };
  const words = new Proxy(
    {},
    {
      get(_target, key) {
        if (key === 'length') return length;
        return isIndex(key) ? perform(plainRead(cellAt(Number(key)), plainReadsMayMiss)) : undefined;
      },
      set(_target, key, value) {
        if (isIndex(key)) perform(plainStore(cellAt(Number(key)), Number(value)));
        return isIndex(key);
      },
    },
  ) as Int32Array;
  cellsOf.set(words, cellAt);
  return words;
}

/** A window that code under test makes its own Int32Array over; its other arrays over it are no part of the model. */
export function sharedWindow(
  space: Space,
  what: string,
  { sizeBytes, ...options }: WordsOptions & { readonly sizeBytes: number },
): SharedArrayBuffer {
  const window = new SharedArrayBuffer(sizeBytes);
  windows.set(window, sharedWords(space, what, options));
  return window;
}

/** The cell behind a word of a model; undefined for every other typed array. */
export function cellOf(words: object, index: number): Cell | undefined {
  return cellsOf.get(words)?.(index);
}

/** What `new Int32Array(window, byteOffset)` is to be; undefined for what is no window of a model. */
export function wordsOfWindow(buffer: unknown, byteOffset: number): Int32Array | undefined {
  const whole = typeof buffer === 'object' && buffer !== null ? windows.get(buffer) : undefined;
  const cellAt = whole && cellsOf.get(whole);
  if (whole === undefined || cellAt === undefined) return undefined;
  const first = byteOffset / Int32Array.BYTES_PER_ELEMENT;
  const moved = (key: string | symbol) => (isIndex(key) ? String(Number(key) + first) : key);
  const part = new Proxy(whole, {
    get: (target, key) => Reflect.get(target, moved(key)),
    set: (target, key, value) => Reflect.set(target, moved(key), value),
  });
  cellsOf.set(part, (index) => cellAt(index + first));
  return part;
}

function isIndex(key: string | symbol): key is string {
  return typeof key === 'string' && /^\d+$/.test(key);
}

const seenOrMissed: readonly number[] = [0, 1];

function plainRead({ name, index }: Cell, mayMiss: boolean): Operation {
  return {
    what: `plain read of ${name}`,
    ways: (memory) => (mayMiss && at(memory, index) !== 0 ? seenOrMissed : once),
    apply: (memory, way) => (way === 0 ? at(memory, index) : 0),
  };
}

function plainStore({ name, index }: Cell, value: number): Operation {
  return {
    what: `plain store of ${value} to ${name}`,
    apply(memory) {
      memory[index] = value;
      return 0;
    },
  };
}
