// What a program needs from its first line to its last one. The launching side is './launcher'.

export { type Log, openLog } from './log.js';
export { formatLogLine, type LogLine, parseLogLine } from './log-line.js';
export { type Main, type MainContext, type MainOptions, runMain } from './main.js';
export {
  checkRunDirectory,
  checkSocketPath,
  createRunDirectory,
  maxSocketPathBytes,
  type RunPaths,
  runPaths,
} from './run-directory.js';
