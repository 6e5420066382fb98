// What a buffer is for, as bits with Android's numbers: guest processes reach its bytes only if one of the CPU's bits is
// set, host halves only if one of theirs is. What nothing here could serve is refused when a buffer is allocated.
import { hex } from '@vsoc/vsoc/layout';

export const usage = {
  /** A guest process reads it (GRALLOC_USAGE_SW_READ_OFTEN). */
  cpuRead: 0x3,
  /** A guest process draws into it (GRALLOC_USAGE_SW_WRITE_OFTEN). */
  cpuWrite: 0x30,
  /** The host shows it (GRALLOC_USAGE_HW_COMPOSER). */
  hostRead: 0x800,
  /** The host fills it, as a camera does (GRALLOC_USAGE_HW_CAMERA_WRITE). */
  hostWrite: 0x2_0000,
} as const;

/** All of the CPU's bits: rarely and often are one to us. */
const cpuBits = 0xff;
const hostBits = usage.hostRead | usage.hostWrite;

export const isForCpu = (bits: number): boolean => (bits & cpuBits) !== 0;
export const isForHost = (bits: number): boolean => (bits & hostBits) !== 0;

/** Why no buffer has this usage; undefined when one can. There is no GPU, no 2D engine, no encoder in hardware. */
export function problemOfUsage(bits: number): string | undefined {
  const unserved = (bits & ~(cpuBits | hostBits)) >>> 0;
  if (unserved !== 0)
    return `expected usage bits among ${hex(cpuBits | hostBits)}, which something here serves; saw ${hex(unserved)}`;
  return problemOfNibble('read', bits & 0xf) ?? problemOfNibble('write', (bits >>> 4) & 0xf);
}

/** Android's numbers are values here, not bits: 1 and 4 to 15 mean nothing. */
function problemOfNibble(what: string, value: number): string | undefined {
  if (value === 0 || value === 2 || value === 3) return undefined;
  return `expected 0, 2 (rarely) or 3 (often) as usage by the CPU to ${what}; saw ${value}`;
}
