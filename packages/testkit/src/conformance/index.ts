// The conformance suite: what every HAL must hold, wherever its guest half runs.

export { type Case, type CaseContext, runCase } from './case.js';
export { type CaseName, conformanceCases } from './cases.js';
export { compileForNode } from './compile.js';
export { type Doorbells, openDoorbells } from './doorbells.js';
export type { Bound, GuestPlace, Hal, HalfUnderTest, HostPlace, Mark, Operation, Side } from './hal.js';
export { type HalfProcess, type OpenHalf, openHalfProcess } from './half-process.js';
export { hearing } from './hearing.js';
export type { GuestMachine, GuestParts, HalfStarter } from './machine.js';
export type { Reply } from './messages.js';
export { declareHal, describedHals } from './registry.js';
export { openRig, type Rig, type RigOptions } from './rig.js';
export { conformanceSuite } from './suite.js';
