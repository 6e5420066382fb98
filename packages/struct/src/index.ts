/** Fixed memory layouts as data: declare a struct once, derive offsets, typed views, C and Markdown from it. */
export {
  type ArrayField,
  type ArrayView,
  array,
  type NestedField,
  nested,
  type PlainArrayView,
} from './composite.js';
export { type CConstant, type COptions, emitC } from './emit-c.js';
export { emitMarkdown } from './emit-markdown.js';
export {
  type AtomicField,
  atomicU32,
  type Field,
  type Notes,
  type PadField,
  type PlainField,
  pad,
  type Signaller,
  s32,
  text,
  u8,
  u16,
  u32,
  u64,
} from './field.js';
export type { AtomicWord, Memory } from './memory.js';
export { snakeCase } from './names.js';
export {
  type Fields,
  type PlacedField,
  type StructType,
  struct,
  type Values,
  type ValuesOf,
  type View,
  type ViewOf,
  type WordName,
} from './struct.js';
export { bytes, type Tail } from './tail.js';
export { type AtomicWordPlace, atomicWords } from './words.js';
