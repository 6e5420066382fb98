/** The bytes behind a struct: a ring, an area of buffers. They have a name and a size, and no fields. */

export interface Tail {
  readonly name: string;
  readonly doc: string;
  /** The size itself for `log2Size`; the least size for `sizeBytes`, which a plan may raise. */
  readonly sizeBytes: number;
  readonly log2Size?: number;
}

export type TailSize = { readonly log2Size: number } | { readonly sizeBytes: number };

export function bytes(name: string, notes: TailSize & { readonly doc: string }): Tail {
  const { doc } = notes;
  if (doc.trim() === '')
    throw new TypeError(`bytes ${name}: expected a doc that says what they are, saw none`);
  if ('log2Size' in notes) {
    const { log2Size } = notes;
    checkRange(name, 'log2Size', log2Size, 31);
    return { name, doc, sizeBytes: 2 ** log2Size, log2Size };
  }
  checkRange(name, 'sizeBytes', notes.sizeBytes, 2 ** 31);
  return { name, doc, sizeBytes: notes.sizeBytes };
}

function checkRange(name: string, what: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw new RangeError(`bytes ${name}: expected ${what} from 0 to ${max}, saw ${value}`);
}
