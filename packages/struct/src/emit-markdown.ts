/** The table of a struct for a README: what lies where. Nested fields follow the field that holds them. */
import type { Field } from './field.js';
import type { StructType } from './struct.js';
import { isArray, isAtomic, isNested } from './words.js';

interface Row {
  readonly offset: string;
  readonly size: number;
  readonly name: string;
  readonly cType: string;
  readonly unit: string;
  readonly meaning: string;
}

/** Rows that are no fields (a tail) go behind them, as ready cells in the order of the columns. */
export function emitMarkdown(type: StructType, extraRows: readonly (readonly string[])[] = []): string {
  const rows = rowsOf(type, { prefix: '', place: (offset) => hex(offset) }).map((row) => [
    row.offset,
    String(row.size),
    `\`${row.name}\``,
    `\`${row.cType}\``,
    row.unit,
    row.meaning,
  ]);
  const lines = [
    ['Offset', 'Size', 'Field', 'C type', 'Unit', 'Meaning'],
    ['---:', '---:', '---', '---', '---', '---'],
    ...rows,
    ...extraRows,
  ];
  return `${lines.map((cells) => `| ${cells.map(escapeCell).join(' | ')} |`).join('\n')}\n`;
}

interface Frame {
  readonly prefix: string;
  place(offset: number): string;
}

function rowsOf(type: StructType, { prefix, place }: Frame): readonly Row[] {
  return type.fields.flatMap(({ name, offset, field }) => {
    const path = `${prefix}${name}`;
    const inner = innerFrame(field, { path, offset, place });
    return [rowOf(field, path, place(offset)), ...(inner === undefined ? [] : rowsOf(inner.type, inner))];
  });
}

function rowOf(field: Field, name: string, offset: string): Row {
  const { doc, unit = '' } = field.notes;
  const meaning = doc + signallers(field);
  return { offset, size: field.size, name, cType: `${field.cType}${field.cSuffix}`, unit, meaning };
}

function signallers(field: Field): string {
  const word = isArray(field) ? field.element : field;
  if (!isAtomic(word) || word.signalledBy === undefined) return '';
  return word.signalledBy === 'both'
    ? ' (signalled by both sides)'
    : ` (signalled by the ${word.signalledBy})`;
}

function innerFrame(
  field: Field,
  at: { readonly path: string; readonly offset: number; place(offset: number): string },
): (Frame & { readonly type: StructType }) | undefined {
  if (isNested(field)) {
    return { type: field.struct, prefix: `${at.path}.`, place: (offset) => at.place(at.offset + offset) };
  }
  if (!isArray(field) || !isNested(field.element)) return undefined;
  const { struct: type, size } = field.element;
  return { type, prefix: `${at.path}[i].`, place: (offset) => `${at.place(at.offset + offset)} + ${size}·i` };
}

function hex(offset: number): string {
  return `0x${offset.toString(16)}`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
