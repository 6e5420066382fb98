/**
 * Live views: one class a struct, made once, with its accessors on the prototype. A view holds no bytes, only its
 * memory and its place, so making one costs little; atomic words, nested structs and arrays appear when first asked for.
 */
import type { Memory } from './memory.js';
import type { PlacedField } from './struct.js';

export type ViewClass = new (memory: Memory, offset: number) => PlacedView;

/** Where a view looks: for struct.ts alone, which reads snapshots from there. */
export const placeOf: unique symbol = Symbol('place of a view');

export interface PlacedView {
  [placeOf](): { readonly memory: Memory; readonly offset: number };
}

export function viewClass(cName: string, placed: readonly PlacedField[]): ViewClass {
  return class StructView {
    readonly #memory: Memory;
    readonly #offset: number;
    readonly #parts: unknown[] = [];

    static {
      for (const [index, part] of placed.entries()) {
        if (part.field.kind === 'plain') StructView.#addValue(part);
        else if (part.field.kind !== 'pad') StructView.#addPart(part, index);
      }
    }

    constructor(memory: Memory, offset: number) {
      this.#memory = memory;
      this.#offset = offset;
    }

    [placeOf]() {
      return { memory: this.#memory, offset: this.#offset };
    }

    static #addValue({ name, field, offset }: PlacedField): void {
      const where = `${cName}.${name}`;
      Object.defineProperty(StructView.prototype, name, {
        enumerable: true,
        get(this: StructView) {
          return field.read(this.#memory.view, this.#offset + offset);
        },
        set(this: StructView, value: unknown) {
          field.write(this.#memory.view, this.#offset + offset, value, where);
        },
      });
    }

    static #addPart({ name, field, offset }: PlacedField, index: number): void {
      const where = `${cName}.${name}`;
      Object.defineProperty(StructView.prototype, name, {
        enumerable: true,
        get(this: StructView) {
          this.#parts[index] ??= field.see(this.#memory, this.#offset + offset, where);
          return this.#parts[index];
        },
      });
    }
  };
}
