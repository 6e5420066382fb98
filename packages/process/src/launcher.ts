// The launching side: one child, or all processes of a run.

export { type Child, type Ended, firstPassedFd, type LaunchSpec, launch } from './child.js';
export { formatLogLine } from './log-line.js';
export { openProcessGroup, type ProcessGroup } from './process-group.js';
