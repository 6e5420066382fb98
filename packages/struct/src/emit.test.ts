/** The C that comes out is compiled, not compared: a compiler has to agree with every size and offset. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  array,
  atomicU32,
  emitC,
  emitMarkdown,
  type Field,
  nested,
  pad,
  type StructType,
  s32,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
} from './index.js';

const doc = 'what it means';
const inner = struct('inner', 'Inner.', {
  word: atomicU32({ doc, signalledBy: 'host' }),
  half: u16({ doc }),
  pad0: pad(2),
});
const outer = struct('outer', 'Outer.', {
  sizeBytes: u32({ doc: 'a | b', unit: 'B' }),
  one: nested(inner, { doc }),
  many: array(inner, 2, { doc }),
  name: text(8, { doc }),
});

function compile(source: string, ...flags: readonly string[]): void {
  const common = ['-std=c11', '-Wall', '-Werror', '-fsyntax-only', '-ffreestanding', '-x', 'c', '-'];
  execFileSync('gcc', [...flags, ...common], { input: source, stdio: ['pipe', 'pipe', 'pipe'] });
}

const emit = (...types: readonly StructType[]) => emitC(types, { guard: 'TEST_H', intro: 'A test.' });

describe('emitC', () => {
  test('puts inner structs first and each struct once', () => {
    const source = emit(outer, inner);
    expect(source.match(/^struct \w+ \{/gm)).toEqual(['struct inner {', 'struct outer {']);
  });

  test.each(['-m64', '-m32'])('is what gcc %s lays out', (flag) => {
    compile(emit(outer), flag);
  });

  test('does not compile with a wrong offset or size', () => {
    const source = emit(outer);
    const wrongOffset = source.replace(/(struct outer, many\) == )\d+/, '$13');
    const wrongSize = source.replace(/(sizeof\(struct outer\) == )\d+/, '$13');
    expect(() => compile(wrongOffset)).toThrow(/offset of struct outer\.many/);
    expect(() => compile(wrongSize)).toThrow(/size of struct outer/);
  });

  test('cannot be ended early by a comment in a doc', () => {
    compile(emit(struct('sly', 'Sly */ #error', { a: u8({ doc: '*/ int x; /*' }) })));
  });

  test('refuses what C has no words for', () => {
    const twin = struct('inner', 'Another.', { a: u8({ doc }) });
    expect(() => emit(inner, twin)).toThrow('two different structs are called inner');
    expect(() => emit(struct('none', 'Nothing.', {}))).toThrow('struct none has no fields');
  });
});

describe('random structs', () => {
  const leaf = fc.constantFrom<Field>(
    u8({ doc }),
    u16({ doc }),
    u32({ doc }),
    s32({ doc }),
    u64({ doc }),
    atomicU32({ doc }),
  );
  const field = fc.oneof(
    leaf,
    fc.integer({ min: 1, max: 9 }).map((lengthBytes) => text(lengthBytes, { doc })),
    fc.tuple(leaf, fc.integer({ min: 1, max: 5 })).map(([element, count]) => array(element, count, { doc })),
    fc.constant(array(inner, 3, { doc })),
    fc.constant(nested(inner, { doc })),
  );

  test('with padding declared, lie where gcc lays them out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(field, { minLength: 1, maxLength: 8 }), { minLength: 40, maxLength: 40 }),
        (lists) => {
          const types = lists.map((fields, i) => struct(`s${i}`, 'Random.', padded(fields)));
          compile(emit(...types));
        },
      ),
      { numRuns: 3 },
    );
  });
});

/** Declares the padding that is missing, as a refusal tells one to. */
function padded(fields: readonly Field[]): Record<string, Field> {
  const named: Record<string, Field> = {};
  let end = 0;
  const align = (to: number, name: string) => {
    const missing = (to - (end % to)) % to;
    if (missing > 0) named[name] = pad(missing);
    end += missing;
  };
  for (const [i, field] of fields.entries()) {
    align(field.align, `pad${i}`);
    named[`f${i}`] = field;
    end += field.size;
  }
  align(Math.max(...fields.map((field) => field.align)), 'padEnd');
  return named;
}

test('emitMarkdown shows nested fields where they lie', () => {
  expect(emitMarkdown(outer)).toBe(`\
| Offset | Size | Field | C type | Unit | Meaning |
| ---: | ---: | --- | --- | --- | --- |
| 0x0 | 4 | \`sizeBytes\` | \`uint32_t\` | B | a \\| b |
| 0x4 | 8 | \`one\` | \`struct inner\` |  | what it means |
| 0x4 | 4 | \`one.word\` | \`_Atomic uint32_t\` |  | what it means (signalled by the host) |
| 0x8 | 2 | \`one.half\` | \`uint16_t\` |  | what it means |
| 0xa | 2 | \`one.pad0\` | \`uint8_t[2]\` |  | padding, zero |
| 0xc | 16 | \`many\` | \`struct inner[2]\` |  | what it means |
| 0xc + 8·i | 4 | \`many[i].word\` | \`_Atomic uint32_t\` |  | what it means (signalled by the host) |
| 0x10 + 8·i | 2 | \`many[i].half\` | \`uint16_t\` |  | what it means |
| 0x12 + 8·i | 2 | \`many[i].pad0\` | \`uint8_t[2]\` |  | padding, zero |
| 0x1c | 8 | \`name\` | \`char[8]\` |  | what it means |
`);
});
