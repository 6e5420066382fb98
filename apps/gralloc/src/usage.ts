// What a buffer is for, as bits with Android's numbers: guest processes reach its bytes only if one of the CPU's bits is
// set, host halves only if one of theirs is. Bits that nothing here could serve are refused when a buffer is allocated.

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

/** Bits that nothing here serves: there is no GPU, no 2D engine, no encoder in hardware. */
export const unservedBits = (bits: number): number => (bits & ~(cpuBits | hostBits)) >>> 0;
