// For tests only.

export { childProcesses, type FoundProcess, findProcesses, waitUntilGone } from './find-processes.js';
export { assertNothingLeft, type Snapshot, snapshot } from './leak-guard.js';
export { startProcesses, type TestProcesses, type TestProcessesOptions } from './processes.js';
export { type ReadmeProgram, type ReadmePrograms, startReadmePrograms } from './readme-programs.js';
export { type SeededRandom, seededRandom } from './seeded-random.js';
