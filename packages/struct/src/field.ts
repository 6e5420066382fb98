/**
 * The kinds of field that a struct may have. A field knows how to read itself once (into a plain value), how to
 * write itself with its range checked, and what a live view of it looks like; `struct()` only places fields.
 * Little-endian always, whatever the machine.
 */
import { type AtomicWord, atomicWordAt, type Memory } from './memory.js';

export interface Notes {
  /** What the field means. Mandatory: the table in the README is made of it. */
  readonly doc: string;
  readonly unit?: string;
  /** Only where the derived snake_case name is not the name that C already has. */
  readonly cName?: string;
}

export interface Field<Value = unknown, Seen = unknown> {
  readonly kind: 'plain' | 'atomic' | 'nested' | 'array' | 'pad';
  readonly cType: string;
  /** What C writes behind the name: '[16]', or nothing. */
  readonly cSuffix: string;
  readonly size: number;
  readonly align: number;
  readonly notes: Notes;
  /** Touches every byte of the field at most once. */
  read(view: DataView, offset: number): Value;
  write(view: DataView, offset: number, value: Value, where: string): void;
  /** What a view shows: for plain fields the value itself, for the others an object with accessors. */
  see(memory: Memory, offset: number, where: string): Seen;
}

export interface PlainField<Value> extends Field<Value, Value> {
  readonly kind: 'plain';
}

export type Signaller = 'guest' | 'host' | 'both';

export interface AtomicField<By extends Signaller | undefined = Signaller | undefined>
  extends Field<number, AtomicWord> {
  readonly kind: 'atomic';
  readonly signalledBy: By;
}

export interface PadField extends Field<undefined, undefined> {
  readonly kind: 'pad';
}

function plain<Value>(
  shape: { readonly cType: string; readonly size: number; readonly align: number; readonly cSuffix?: string },
  notes: Notes,
  access: Pick<PlainField<Value>, 'read' | 'write'>,
): PlainField<Value> {
  const see = (memory: Memory, offset: number) => access.read(memory.view, offset);
  return { kind: 'plain', cSuffix: '', ...shape, notes, ...access, see };
}

type GetNumber = (view: DataView, offset: number) => number;
type SetNumber = (view: DataView, offset: number, value: number) => void;

function integer(cType: string, size: number, min: number, get: GetNumber, set: SetNumber) {
  const max = min + 2 ** (8 * size) - 1;
  const write = (view: DataView, offset: number, value: number, where: string) => {
    if (!Number.isInteger(value) || value < min || value > max)
      refuse(where, `an integer from ${min} to ${max}`, value);
    set(view, offset, value);
  };
  return (notes: Notes): PlainField<number> =>
    plain({ cType, size, align: size }, notes, { read: get, write });
}

function refuse(where: string, expected: string, seen: unknown): never {
  const shown = typeof seen === 'string' ? JSON.stringify(seen) : String(seen);
  throw new RangeError(`${where}: expected ${expected}, saw ${shown}`);
}

const getU32: GetNumber = (view, at) => view.getUint32(at, true);
const setU32: SetNumber = (view, at, value) => view.setUint32(at, value, true);

export const u8 = integer(
  'uint8_t',
  1,
  0,
  (view, at) => view.getUint8(at),
  (view, at, n) => view.setUint8(at, n),
);
export const u16 = integer(
  'uint16_t',
  2,
  0,
  (v, at) => v.getUint16(at, true),
  (v, at, n) => v.setUint16(at, n, true),
);
export const u32 = integer('uint32_t', 4, 0, getU32, setU32);
export const s32 = integer(
  'int32_t',
  4,
  -(2 ** 31),
  (v, at) => v.getInt32(at, true),
  (v, at, n) => v.setInt32(at, n, true),
);

/** 64 bits are a bigint: a number would lose the low bits of a nanosecond clock after 104 days. */
export function u64(notes: Notes): PlainField<bigint> {
  return plain({ cType: 'uint64_t', size: 8, align: 8 }, notes, {
    read: (view, offset) => view.getBigUint64(offset, true),
    write(view, offset, value, where) {
      const fits = typeof value === 'bigint' && value >= 0n && value < 1n << 64n;
      if (!fits) refuse(where, `a bigint from 0n to ${(1n << 64n) - 1n}n`, value);
      view.setBigUint64(offset, value, true);
    },
  });
}

/** Printable ASCII, padded with NUL and always ended by one: at most `lengthBytes − 1` characters. */
export function text(lengthBytes: number, notes: Notes): PlainField<string> {
  checkCount(lengthBytes, 'text');
  return plain({ cType: 'char', size: lengthBytes, align: 1, cSuffix: `[${lengthBytes}]` }, notes, {
    read(view, offset) {
      let value = '';
      for (let i = 0; i < lengthBytes; i++) {
        const byte = view.getUint8(offset + i);
        if (byte === 0) break;
        value += String.fromCharCode(byte);
      }
      return value;
    },
    write(view, offset, value, where) {
      if (typeof value !== 'string' || value.length >= lengthBytes || !/^[ -~]*$/.test(value)) {
        refuse(where, `at most ${lengthBytes - 1} printable ASCII characters`, value);
      }
      for (let i = 0; i < lengthBytes; i++) {
        view.setUint8(offset + i, i < value.length ? value.charCodeAt(i) : 0);
      }
    },
  });
}

/** A word that more than one process changes, or that somebody waits on. Views have no plain access to it. */
export function atomicU32<const By extends Signaller | undefined = undefined>(
  notes: Notes & { readonly signalledBy?: By },
): AtomicField<By> {
  const checked = u32(notes);
  return {
    kind: 'atomic',
    cType: '_Atomic uint32_t',
    cSuffix: '',
    size: 4,
    align: 4,
    notes,
    signalledBy: notes.signalledBy as By,
    read: checked.read,
    write: checked.write,
    see: atomicWordAt,
  };
}

/** Bytes that only keep the next field aligned. Written as zero, absent from values and views. */
export function pad(bytes: number): PadField {
  checkCount(bytes, 'pad');
  return {
    kind: 'pad',
    cType: 'uint8_t',
    cSuffix: `[${bytes}]`,
    size: bytes,
    align: 1,
    notes: { doc: 'padding, zero' },
    read: () => undefined,
    write(view, offset) {
      for (let i = 0; i < bytes; i++) view.setUint8(offset + i, 0);
    },
    see: () => undefined,
  };
}

export function checkCount(count: number, what: string): void {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(`${what}: expected a count of at least 1, saw ${count}`);
}
