// Turns one JSON line of a program's log into one line for people. Anything that is not such a line
// (a crash report of Node, a native message) passes through unchanged: it is what one wants to see most.

export interface LogLine {
  readonly level: number;
  readonly time: number;
  readonly name: string;
  readonly msg: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const levelNames: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

/** pino's level from which on a line tells why a program ended. */
export const errorLevel = 50;

export function parseLogLine(line: string): LogLine | undefined {
  const parsed = parseObject(line);
  if (parsed === undefined) return undefined;
  const { level, time, name, msg, pid: _pid, hostname: _hostname, ...fields } = parsed;
  if (typeof level !== 'number' || typeof time !== 'number') return undefined;
  return { level, time, name: String(name ?? '?'), msg: typeof msg === 'string' ? msg : '', fields };
}

/** `12:34:56.789 console: warn: viewer too slow dropped=3`, then the stack of an error, if there is one. */
export function formatLogLine(line: string): string {
  const parsed = parseLogLine(line);
  if (parsed === undefined) return line.trimEnd();
  const time = new Date(parsed.time).toISOString().slice(11, 23);
  const levelName = levelNames[parsed.level];
  const { err, ...rest } = parsed.fields;
  const words = [`${time} ${parsed.name}:`];
  if (levelName !== undefined) words.push(`${levelName}:`);
  words.push(parsed.msg);
  for (const [key, value] of Object.entries(rest)) words.push(`${key}=${JSON.stringify(value)}`);
  const text = words.join(' ');
  const stack = stackOf(err);
  return stack === undefined ? text : `${text}\n${stack}`;
}

function stackOf(err: unknown): string | undefined {
  if (typeof err !== 'object' || err === null || !('stack' in err)) return undefined;
  return String(err.stack)
    .split('\n')
    .slice(1)
    .map((frame) => `    ${frame.trim()}`)
    .join('\n');
}

function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
