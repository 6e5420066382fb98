/**
 * `struct()` places fields by C's natural alignment and refuses what C would decide silently: padding has to be
 * declared. The types follow from the declaration: `Values<S>` is a private copy, `View<S>` the live bytes.
 */
import type { AtomicField, Field, PadField, PlainField, Signaller } from './field.js';
import type { Memory } from './memory.js';
import { checkCName, snakeCase } from './names.js';
import { type PlacedView, placeOf, viewClass } from './view.js';

export type Fields = Readonly<Record<string, Field>>;

export interface PlacedField {
  readonly name: string;
  readonly cName: string;
  readonly offset: number;
  readonly size: number;
  readonly field: Field;
}

export type ValueOf<F> = F extends Field<infer Value, infer _Seen> ? Value : never;
export type SeenOf<F> = F extends Field<infer _Value, infer Seen> ? Seen : never;

export type ValuesOf<F> = { -readonly [K in keyof F as F[K] extends PadField ? never : K]: ValueOf<F[K]> };

type PlainKeys<F> = { [K in keyof F]: F[K] extends PlainField<infer _> ? K : never }[keyof F];
type PadKeys<F> = { [K in keyof F]: F[K] extends PadField ? K : never }[keyof F];
export type ViewOf<F> = { -readonly [K in PlainKeys<F>]: ValueOf<F[K]> } & {
  readonly [K in Exclude<keyof F, PlainKeys<F> | PadKeys<F>>]: SeenOf<F[K]>;
};

export interface StructType<F extends Fields = Fields> {
  readonly cName: string;
  readonly doc: string;
  readonly size: number;
  readonly align: number;
  readonly declared: F;
  readonly fields: readonly PlacedField[];
  /** A private copy; every byte is read at most once, so what was checked is what is used. */
  read(view: DataView, offset: number): ValuesOf<F>;
  /** Writes padding as zero. Refuses values that do not fit, naming the field below `where`. */
  write(view: DataView, offset: number, values: ValuesOf<F>, where?: string): void;
  /** `read` from where a live view of this type looks: for records that somebody else may change meanwhile. */
  snapshot(view: ViewOf<F>): ValuesOf<F>;
  /** Typed accessors to the live bytes at `offset` of `memory`. */
  over(memory: Memory, offset: number): ViewOf<F>;
}

/** What is read and written, and what is seen live: `Values<typeof frameRecord>`, `View<typeof frameRecord>`. */
export type Values<S> = S extends StructType<infer F> ? ValuesOf<F> : never;
export type View<S> = S extends StructType<infer F> ? ViewOf<F> : never;

/** Names of the struct's own atomic words that `Side` may signal; of all of them when no side is given. */
export type WordName<S, Side extends Signaller | undefined = Signaller | undefined> =
  S extends StructType<infer F>
    ? { [K in keyof F]: F[K] extends AtomicField<Side | 'both'> ? K : never }[keyof F] & string
    : never;

export function struct<F extends Fields>(cName: string, doc: string, fields: F): StructType<F> {
  checkCName(cName, 'struct');
  if (doc.trim() === '')
    throw new TypeError(`struct ${cName}: expected a doc that says what it is, saw none`);
  const placed = place(cName, fields);
  const end = endOf(placed);
  const align = Math.max(1, ...placed.map(({ field }) => field.align));
  if (end % align !== 0) {
    throw new TypeError(missingPadding(`struct ${cName}: its end`, end, align, 'at the end'));
  }
  const View = viewClass(cName, placed);
  const type: StructType<F> = {
    cName,
    doc,
    size: end,
    align,
    declared: fields,
    fields: placed,
    read(view, offset) {
      const values: Record<string, unknown> = {};
      for (const { name, field, offset: at } of placed) {
        if (field.kind !== 'pad') values[name] = field.read(view, offset + at);
      }
      return values as ValuesOf<F>;
    },
    write(view, offset, values, where = cName) {
      const byName = values as Readonly<Record<string, unknown>>;
      for (const { name, field, offset: at } of placed) {
        field.write(view, offset + at, byName[name], `${where}.${name}`);
      }
    },
    snapshot(view) {
      const { memory, offset } = (view as unknown as PlacedView)[placeOf]();
      return type.read(memory.view, offset);
    },
    over(memory, offset) {
      checkPlace(cName, memory, offset, { size: end, align });
      return new View(memory, offset) as unknown as ViewOf<F>;
    },
  };
  return type;
}

function place(cName: string, fields: Fields): readonly PlacedField[] {
  const placed: PlacedField[] = [];
  const cNames = new Set<string>();
  for (const [name, field] of Object.entries(fields)) {
    const where = `struct ${cName}: field ${name}`;
    const { doc, cName: given } = field.notes;
    if (doc.trim() === '') throw new TypeError(`${where}: expected a doc that says what it means, saw none`);
    const fieldCName = given ?? snakeCase(name);
    checkCName(fieldCName, where);
    if (cNames.has(fieldCName))
      throw new TypeError(`${where}: another field is called ${fieldCName} in C already`);
    cNames.add(fieldCName);
    const offset = endOf(placed);
    if (offset % field.align !== 0) {
      throw new TypeError(missingPadding(`${where} (${field.cType})`, offset, field.align, 'before it'));
    }
    placed.push({ name, cName: fieldCName, offset, size: field.size, field });
  }
  return placed;
}

function endOf(placed: readonly PlacedField[]): number {
  const last = placed.at(-1);
  return last === undefined ? 0 : last.offset + last.size;
}

function missingPadding(what: string, offset: number, align: number, where: string): string {
  const bytes = align - (offset % align);
  return `${what} is at 0x${offset.toString(16)} and must be ${align}-aligned: declare ${where} pad(${bytes})`;
}

function checkPlace(
  cName: string,
  memory: Memory,
  offset: number,
  type: { size: number; align: number },
): void {
  const limit = memory.view.byteLength;
  const valid = Number.isSafeInteger(offset) && offset >= 0 && offset + type.size <= limit;
  if (valid && offset % type.align === 0) return;
  const seen = offset >= 0 && Number.isInteger(offset) ? `0x${offset.toString(16)}` : String(offset);
  throw new RangeError(
    `${cName}: expected a ${type.align}-aligned offset with ${type.size} bytes behind it in memory of ${limit}, saw ${seen}`,
  );
}
