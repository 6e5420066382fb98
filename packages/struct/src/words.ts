/** Lists the atomic words of a struct, those inside nested structs and arrays too: what can be waited on. */
import type { ArrayField, NestedField } from './composite.js';
import type { AtomicField, Field, Signaller } from './field.js';
import type { StructType } from './struct.js';

export interface AtomicWordPlace {
  /** 'beats', 'entries[3].owner' */
  readonly path: string;
  /** Bytes from the start of the struct. */
  readonly offset: number;
  readonly signalledBy: Signaller | undefined;
}

export function atomicWords(type: StructType): readonly AtomicWordPlace[] {
  return [...wordsOfStruct(type, '', 0)];
}

function* wordsOfStruct(type: StructType, prefix: string, base: number): Generator<AtomicWordPlace> {
  for (const { name, field, offset } of type.fields)
    yield* wordsOfField(field, `${prefix}${name}`, base + offset);
}

function* wordsOfField(field: Field, path: string, offset: number): Generator<AtomicWordPlace> {
  if (isAtomic(field)) yield { path, offset, signalledBy: field.signalledBy };
  else if (isNested(field)) yield* wordsOfStruct(field.struct, `${path}.`, offset);
  else if (isArray(field) && hasWords(field.element)) {
    for (let i = 0; i < field.count; i++) {
      yield* wordsOfField(field.element, `${path}[${i}]`, offset + i * field.element.size);
    }
  }
}

// A megabyte of u8 elements must not be walked one by one to learn that there is no word in it.
function hasWords(field: Field): boolean {
  if (isNested(field)) return field.struct.fields.some((part) => hasWords(part.field));
  return isArray(field) ? hasWords(field.element) : isAtomic(field);
}

export function isAtomic(field: Field): field is AtomicField {
  return field.kind === 'atomic';
}

export function isNested(field: Field): field is NestedField {
  return field.kind === 'nested';
}

export function isArray(field: Field): field is ArrayField {
  return field.kind === 'array';
}
