// Structs to bytes and back, for messages and ioctl arguments.
import type { Fields, StructType, ValuesOf } from '@vsoc/struct';

/** `values` as bytes, with room for `tail` behind them. */
export function encode<F extends Fields>(
  type: StructType<F>,
  values: ValuesOf<F>,
  tail: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const bytes = new Uint8Array(type.size + tail.byteLength);
  type.write(new DataView(bytes.buffer), 0, values);
  bytes.set(tail, type.size);
  return bytes;
}

/** Undefined where there are fewer bytes than the struct has. */
export function decode<F extends Fields>(type: StructType<F>, bytes: Uint8Array): ValuesOf<F> | undefined {
  if (bytes.byteLength < type.size) return undefined;
  return type.read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
}
