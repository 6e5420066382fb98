/**
 * Numbers of the kernel interface, as facts: what the structs cannot say. Compiled once from the original
 * declarations; a test compares them with the ones that the interface's users were built against.
 */

/** The window's own layout version. A higher minor version is accepted, another major version is not. */
export const layoutVersion = { major: 2, minor: 0 } as const;

export const pageBytes = 4096;

/** The first page holds the descriptor and the region records; regions begin behind it. */
export const headerBytes = pageBytes;

export const minWindowBytes = 64 * 1024;
export const maxWindowBytes = 2 ** 31;

/** As many 60-byte records as fit behind the 16-byte descriptor in the first page. */
export const maxRegions = 68;

/** Includes the NUL that ends the name: 15 characters at most. */
export const deviceNameBytes = 16;

/** What an owner word holds while nobody owns its area. */
export const regionFree = 0;

/** `managed_by` of a region that everybody who opens it may use whole. */
export const regionWhole = 0;

/** An empty slot of a signal table. */
export const nodeFree = 0;

/** A table has 2ⁿ slots; larger ones are refused, since a receiver scans all of it. */
export const maxSlotCountLog2 = 16;

/** The first one encodes 16 argument bytes although its argument has 20: an old slip that is part of the ABI. */
export const ioctlNumber = {
  createFdScopedPermission: 0x4010f500,
  getFdScopedPermission: 0x8010f501,
  maybeSendInterruptToHost: 0xf502,
  waitForIncomingInterrupt: 0xf503,
  describeRegion: 0x803cf504,
  selfInterrupt: 0xf505,
  sendInterruptToHost: 0xf506,
  condWait: 0xc020f507,
  condWake: 0xf508,
} as const;

export type IoctlName = keyof typeof ioctlNumber;

export const waitType = { undefined: 0, ifEqual: 1, ifEqualTimeout: 2 } as const;
