// For tests only.

export { descriptorCount } from './descriptor-count.js';
export { childProcesses, type FoundProcess, findProcesses, waitUntilGone } from './find-processes.js';
export {
  type GuestOptions,
  type GuestProcesses,
  orNone,
  type ServedOptions,
  type ServedProcesses,
  startGuestProcesses,
  startServer,
} from './guest-processes.js';
export { assertNothingLeft, type Snapshot, snapshot } from './leak-guard.js';
export {
  startProcesses,
  type TestProcesses,
  type TestProcessesOptions,
  wholeFileMs,
} from './processes.js';
export { type ReadmeProgram, type ReadmePrograms, startReadmePrograms } from './readme-programs.js';
export { type SeededRandom, seededRandom } from './seeded-random.js';
