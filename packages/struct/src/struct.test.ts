/** Placement and its refusals; values in and out of bytes. */
import { describe, expect, test } from 'vitest';
import {
  array,
  atomicU32,
  bytes,
  nested,
  pad,
  s32,
  snakeCase,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
} from './index.js';

const doc = 'x';
const inner = struct('inner', 'Inner.', {
  word: atomicU32({ doc, signalledBy: 'guest' }),
  half: u16({ doc }),
  pad0: pad(2),
});
const outer = struct('outer', 'Outer.', {
  tag: u8({ doc }),
  pad0: pad(1),
  half: u16({ doc }),
  whole: u32({ doc }),
  time: u64({ doc }),
  delta: s32({ doc }),
  name: text(8, { doc }),
  one: nested(inner, { doc }),
  many: array(inner, 2, { doc }),
  halves: array(u16({ doc }), 2, { doc }),
});

const values = {
  tag: 0xfe,
  half: 0xfedc,
  whole: 0xfedcba98,
  time: 0xfedcba9876543210n,
  delta: -2,
  name: 'seven77',
  one: { word: 1, half: 2 },
  many: [
    { word: 3, half: 4 },
    { word: 0xffffffff, half: 6 },
  ],
  halves: [7, 8],
};

describe('placement', () => {
  test('fields lie where C puts them', () => {
    const offsets = Object.fromEntries(outer.fields.map(({ name, offset, size }) => [name, [offset, size]]));
    expect(offsets).toEqual({
      tag: [0, 1],
      pad0: [1, 1],
      half: [2, 2],
      whole: [4, 4],
      time: [8, 8],
      delta: [16, 4],
      name: [20, 8],
      one: [28, 8],
      many: [36, 16],
      halves: [52, 4],
    });
    expect([outer.size, outer.align]).toEqual([56, 8]);
  });

  test('a struct without fields has no bytes', () => {
    expect(struct('none', 'Nothing.', {})).toMatchObject({ size: 0, align: 1 });
  });

  test('missing padding is refused with the number of bytes to declare', () => {
    const gap = () => struct('gap', 'A gap.', { a: u8({ doc }), b: u32({ doc }) });
    expect(gap).toThrow(
      'struct gap: field b (uint32_t) is at 0x1 and must be 4-aligned: declare before it pad(3)',
    );
    const end = () => struct('end', 'An end.', { a: u64({ doc }), b: u16({ doc }) });
    expect(end).toThrow('struct end: its end is at 0xa and must be 8-aligned: declare at the end pad(6)');
  });

  test('an atomic word off its alignment is refused', () => {
    const odd = () => struct('odd', 'Odd.', { a: u16({ doc }), word: atomicU32({ doc }), b: u16({ doc }) });
    expect(odd).toThrow(
      'field word (_Atomic uint32_t) is at 0x2 and must be 4-aligned: declare before it pad(2)',
    );
  });
});

describe('refused declarations', () => {
  test.each([
    ['a struct without a doc', () => struct('a', ' ', {}), /struct a: expected a doc/],
    ['a field without a doc', () => struct('a', doc, { b: u8({ doc: '' }) }), /field b: expected a doc/],
    ['an element without a doc', () => array(u8({ doc: '' }), 2, { doc }), /expected a doc for its element/],
    [
      'two fields with one C name',
      () => struct('a', doc, { b: u8({ doc }), c: u8({ doc, cName: 'b' }) }),
      /field c: another field is called b in C/,
    ],
    ['a struct name that is not C', () => struct('a-b', doc, {}), /expected a C identifier, saw "a-b"/],
    [
      'a field name that is not camelCase',
      () => struct('a', doc, { b_c: u8({ doc }) }),
      /expected a camelCase name/,
    ],
    ['an array of padding', () => array(pad(1), 2, { doc }), /padding has no elements/],
    ['an array of nothing', () => array(u8({ doc }), 0, { doc }), /expected a count of at least 1, saw 0/],
    [
      'a tail beyond the largest window',
      () => bytes('t', { log2Size: 32, doc }),
      /expected log2Size from 0 to 31, saw 32/,
    ],
    ['a tail without a doc', () => bytes('t', { sizeBytes: 1, doc: '' }), /expected a doc/],
  ])('%s', (_, declare, message) => {
    expect(declare).toThrow(message);
  });

  test('C names are derived from camelCase', () => {
    expect(['a', 'numNodesLg2', 'sampleRateHz'].map(snakeCase)).toEqual([
      'a',
      'num_nodes_lg2',
      'sample_rate_hz',
    ]);
  });
});

describe('values', () => {
  const view = new DataView(new ArrayBuffer(64));

  test('come back as they were written, little-endian, at any offset', () => {
    outer.write(view, 3, values);
    expect(outer.read(view, 3)).toEqual(values);
    expect([...new Uint8Array(view.buffer, 3 + 4, 4)]).toEqual([0x98, 0xba, 0xdc, 0xfe]);
  });

  test('padding is written as zero', () => {
    new Uint8Array(view.buffer).fill(0xaa);
    inner.write(view, 0, { word: 1, half: 2 });
    expect(view.getUint16(6)).toBe(0);
  });

  test('a text is read up to its NUL, or to its end when a peer left none', () => {
    const named = struct('named', 'A name.', { name: text(4, { doc }) });
    const bytesOf = (...codes: number[]) => new DataView(Uint8Array.from(codes).buffer);
    expect(named.read(bytesOf(0x61, 0, 0x62, 0), 0)).toEqual({ name: 'a' });
    expect(named.read(bytesOf(0x61, 0x62, 0x63, 0x64), 0)).toEqual({ name: 'abcd' });
  });

  test.each([
    ['half', { ...values, half: 0x10000 }, 'outer.half: expected an integer from 0 to 65535, saw 65536'],
    ['tag', { ...values, tag: -1 }, 'outer.tag: expected an integer from 0 to 255, saw -1'],
    ['whole', { ...values, whole: 1.5 }, 'outer.whole: expected an integer from 0 to 4294967295, saw 1.5'],
    [
      'delta',
      { ...values, delta: 2 ** 31 },
      'outer.delta: expected an integer from -2147483648 to 2147483647, saw 2147483648',
    ],
    [
      'time',
      { ...values, time: -1n },
      'outer.time: expected a bigint from 0n to 18446744073709551615n, saw -1',
    ],
    [
      'name',
      { ...values, name: 'eight888' },
      'outer.name: expected at most 7 printable ASCII characters, saw "eight888"',
    ],
    [
      'non-ASCII',
      { ...values, name: 'é' },
      'outer.name: expected at most 7 printable ASCII characters, saw "é"',
    ],
    [
      'nested',
      { ...values, one: { word: Number.NaN, half: 0 } },
      'outer.one.word: expected an integer from 0 to 4294967295, saw NaN',
    ],
    [
      'element',
      {
        ...values,
        many: [
          { word: 0, half: 0 },
          { word: 0, half: -1 },
        ],
      },
      'outer.many[1].half: expected an integer',
    ],
    ['count', { ...values, halves: [1] }, 'outer.halves: expected 2 elements, saw 1'],
  ])('that do not fit are refused by name: %s', (_, wrong, message) => {
    expect(() => outer.write(view, 0, wrong)).toThrow(message);
  });
});
