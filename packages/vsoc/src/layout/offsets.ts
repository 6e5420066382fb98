/**
 * Offsets from the start of the window and offsets from the start of a region are both numbers, and mixing them
 * up reads foreign memory: two types that the compiler does not let pass for each other.
 */

declare const from: unique symbol;

/** Bytes from the start of the window. */
export type WindowOffset = number & { readonly [from]: 'window' };
/** Bytes from the start of a region. */
export type RegionOffset = number & { readonly [from]: 'region' };

export function windowOffset(bytes: number): WindowOffset {
  return bytes as WindowOffset;
}

export function regionOffset(bytes: number): RegionOffset {
  return bytes as RegionOffset;
}

export function toWindow(region: { readonly beginOffset: WindowOffset }, offset: RegionOffset): WindowOffset {
  return windowOffset(region.beginOffset + offset);
}

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

export function isPowerOfTwo(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0 && Number.isInteger(Math.log2(value));
}
