/**
 * The same layout for C. Every size and every offset is stated again as a static assertion, so that a compiler
 * which would lay the struct out otherwise refuses instead of reading other bytes.
 */
import type { Field } from './field.js';
import type { StructType } from './struct.js';
import { isArray, isNested } from './words.js';

export interface CConstant {
  readonly name: string;
  /** As C shall read it: '0x4010f500u'. */
  readonly value: string;
  readonly doc: string;
}

export interface COptions {
  /** The include guard's macro. */
  readonly guard: string;
  /** What the file is, as a comment at its top. */
  readonly intro: string;
  readonly constants?: readonly CConstant[];
}

export function emitC(structs: readonly StructType[], { guard, intro, constants = [] }: COptions): string {
  return [
    ...comment(intro, ''),
    `#ifndef ${guard}`,
    `#define ${guard}`,
    '',
    '#include <stddef.h>',
    '#include <stdint.h>',
    '',
    ...constants.flatMap(({ name, value, doc }) => [...comment(doc, ''), `#define ${name} ${value}`, '']),
    ...inOrderOfUse(structs).flatMap(emitStruct),
    `#endif /* ${guard} */`,
    '',
  ].join('\n');
}

/** Each struct once, behind the structs that it contains. */
function inOrderOfUse(structs: readonly StructType[]): readonly StructType[] {
  const ordered: StructType[] = [];
  const visit = (type: StructType): void => {
    if (ordered.includes(type)) return;
    for (const { field } of type.fields) {
      const inner = structInside(field);
      if (inner !== undefined) visit(inner);
    }
    const clash = ordered.find((other) => other.cName === type.cName);
    if (clash !== undefined) throw new TypeError(`emitC: two different structs are called ${type.cName}`);
    ordered.push(type);
  };
  for (const type of structs) visit(type);
  return ordered;
}

function structInside(field: Field): StructType | undefined {
  if (isNested(field)) return field.struct;
  return isArray(field) ? structInside(field.element) : undefined;
}

function emitStruct(type: StructType): readonly string[] {
  if (type.size === 0)
    throw new TypeError(`emitC: struct ${type.cName} has no fields, which C does not know`);
  const of = `struct ${type.cName}`;
  return [
    ...comment(type.doc, ''),
    `${of} {`,
    ...type.fields.flatMap(({ cName, field }) => [
      ...comment(unitAndDoc(field), '  '),
      `  ${field.cType} ${cName}${field.cSuffix};`,
    ]),
    '};',
    `_Static_assert(sizeof(${of}) == ${type.size}, "size of ${of}");`,
    ...type.fields.map(
      ({ cName, offset }) =>
        `_Static_assert(offsetof(${of}, ${cName}) == ${offset}, "offset of ${of}.${cName}");`,
    ),
    '',
  ];
}

function unitAndDoc({ notes }: Field): string {
  return notes.unit === undefined ? notes.doc : `[${notes.unit}] ${notes.doc}`;
}

function comment(text: string, indent: string): readonly string[] {
  const lines = text.replaceAll('*/', '* /').replaceAll('/*', '/ *').split('\n');
  if (lines.length === 1) return [`${indent}/* ${lines[0]} */`];
  return [`${indent}/*`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}
