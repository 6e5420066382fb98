/** Fields made of other fields: a struct inside a struct, and arrays of anything. */
import { checkCount, type Field, type Notes, type PlainField } from './field.js';
import type { Memory } from './memory.js';
import type { Fields, SeenOf, StructType, ValueOf, ValuesOf, ViewOf } from './struct.js';

export interface NestedField<F extends Fields = Fields> extends Field<ValuesOf<F>, ViewOf<F>> {
  readonly kind: 'nested';
  readonly struct: StructType<F>;
}

export function nested<F extends Fields>(type: StructType<F>, notes: Notes): NestedField<F> {
  return {
    kind: 'nested',
    struct: type,
    cType: `struct ${type.cName}`,
    cSuffix: '',
    size: type.size,
    align: type.align,
    notes,
    read: (view, offset) => type.read(view, offset),
    write: (view, offset, values, where) => type.write(view, offset, values, where),
    see: (memory, offset) => type.over(memory, offset),
  };
}

/** A live array: `at(i)` throws beyond the end instead of returning undefined. */
export interface ArrayView<Seen> extends Iterable<Seen> {
  readonly length: number;
  at(index: number): Seen;
}

/** Elements that are plain values are set by index; the others are changed through what `at` returns. */
export interface PlainArrayView<Value> extends ArrayView<Value> {
  set(index: number, value: Value): void;
}

type SeenArray<E> = E extends PlainField<infer Value> ? PlainArrayView<Value> : ArrayView<SeenOf<E>>;

export interface ArrayField<E extends Field = Field> extends Field<ValueOf<E>[], SeenArray<E>> {
  readonly kind: 'array';
  readonly element: E;
  readonly count: number;
}

export function array<F extends Fields>(
  element: StructType<F>,
  count: number,
  notes: Notes,
): ArrayField<NestedField<F>>;
export function array<E extends Field>(element: E, count: number, notes: Notes): ArrayField<E>;
export function array(element: Field | StructType, count: number, notes: Notes): ArrayField {
  checkCount(count, 'array');
  const of: Field = 'declared' in element ? nested(element, { doc: element.doc }) : element;
  if (of.kind === 'pad') throw new TypeError('array: padding has no elements, declare pad(bytes) instead');
  if (of.notes.doc.trim() === '') throw new TypeError('array: expected a doc for its element, saw none');
  return {
    kind: 'array',
    element: of,
    count,
    cType: of.cType,
    cSuffix: `[${count}]${of.cSuffix}`,
    size: of.size * count,
    align: of.align,
    notes,
    read: (view, offset) => Array.from({ length: count }, (_, i) => of.read(view, offset + i * of.size)),
    write(view, offset, values, where) {
      if (!Array.isArray(values) || values.length !== count) {
        const seen = Array.isArray(values) ? `${values.length}` : String(values);
        throw new RangeError(`${where}: expected ${count} elements, saw ${seen}`);
      }
      for (const [i, value] of values.entries())
        of.write(view, offset + i * of.size, value, `${where}[${i}]`);
    },
    see: (memory, offset, where) => new LiveArray(of, count, { memory, offset, where }),
  };
}

class LiveArray implements PlainArrayView<unknown> {
  readonly length: number;
  readonly #element: Field;
  readonly #place: { readonly memory: Memory; readonly offset: number; readonly where: string };
  readonly #parts: unknown[] = [];

  constructor(element: Field, count: number, place: { memory: Memory; offset: number; where: string }) {
    this.#element = element;
    this.length = count;
    this.#place = place;
  }

  at(index: number): unknown {
    const offset = this.#offsetOf(index);
    const { memory, where } = this.#place;
    if (this.#element.kind === 'plain') return this.#element.read(memory.view, offset);
    this.#parts[index] ??= this.#element.see(memory, offset, `${where}[${index}]`);
    return this.#parts[index];
  }

  set(index: number, value: unknown): void {
    const { memory, where } = this.#place;
    if (this.#element.kind !== 'plain') throw new TypeError(`${where}: its elements cannot be replaced`);
    this.#element.write(memory.view, this.#offsetOf(index), value, `${where}[${index}]`);
  }

  *[Symbol.iterator](): Iterator<unknown> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #offsetOf(index: number): number {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new RangeError(
        `${this.#place.where}: expected an index from 0 to ${this.length - 1}, saw ${index}`,
      );
    }
    return this.#place.offset + index * this.#element.size;
  }
}
