/**
 * What a view needs of the memory below it, and the one way to touch a word that another process changes.
 * Both getters are asked anew at every access: memory that was closed meanwhile refuses there, and no typed
 * array is kept that could silently mean something else by then.
 */

export interface Memory {
  /** 32-bit words of the whole memory. Throws once the memory is closed. */
  readonly words: Int32Array;
  /** The same bytes. Throws once the memory is closed. */
  readonly view: DataView;
  /**
   * Where this memory's first byte lies inside its region, when the memory is only a part of one (an area
   * behind a permission). 0 when absent.
   */
  readonly baseBytes?: number;
}

/** A 32-bit word that several processes change. Values are unsigned. */
export interface AtomicWord {
  /** Bytes from the start of the region: what waits and signals name a word by. */
  readonly offset: number;
  load(): number;
  store(value: number): void;
  /** All of these return the value from before. */
  exchange(value: number): number;
  compareExchange(expected: number, value: number): number;
  /** Wraps at 2³². */
  add(value: number): number;
  sub(value: number): number;
  and(value: number): number;
  or(value: number): number;
}

const maxU32 = 0xffff_ffff;

export function atomicWordAt(memory: Memory, offset: number, where: string): AtomicWord {
  if (offset % 4 !== 0) {
    throw new RangeError(`${where}: an atomic word must be 4-aligned, saw offset 0x${offset.toString(16)}`);
  }
  return new Word(memory, offset, where);
}

class Word implements AtomicWord {
  readonly offset: number;
  readonly #memory: Memory;
  readonly #index: number;
  readonly #where: string;

  constructor(memory: Memory, offset: number, where: string) {
    this.offset = (memory.baseBytes ?? 0) + offset;
    this.#memory = memory;
    this.#index = offset / 4;
    this.#where = where;
  }

  load(): number {
    return Atomics.load(this.#memory.words, this.#index) >>> 0;
  }

  store(value: number): void {
    Atomics.store(this.#memory.words, this.#index, this.#u32(value));
  }

  exchange(value: number): number {
    return Atomics.exchange(this.#memory.words, this.#index, this.#u32(value)) >>> 0;
  }

  compareExchange(expected: number, value: number): number {
    const { words } = this.#memory;
    return Atomics.compareExchange(words, this.#index, this.#u32(expected), this.#u32(value)) >>> 0;
  }

  add(value: number): number {
    return Atomics.add(this.#memory.words, this.#index, this.#u32(value)) >>> 0;
  }

  sub(value: number): number {
    return Atomics.sub(this.#memory.words, this.#index, this.#u32(value)) >>> 0;
  }

  and(value: number): number {
    return Atomics.and(this.#memory.words, this.#index, this.#u32(value)) >>> 0;
  }

  or(value: number): number {
    return Atomics.or(this.#memory.words, this.#index, this.#u32(value)) >>> 0;
  }

  #u32(value: number): number {
    if (value >>> 0 !== value) {
      throw new RangeError(`${this.#where}: expected an integer from 0 to ${maxU32}, saw ${String(value)}`);
    }
    return value;
  }
}
