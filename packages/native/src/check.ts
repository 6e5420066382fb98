// Arguments are checked here, with messages that say what was expected and what was seen; the addon checks
// again, tersely, since a wrong length there would be memory that is not ours.

const safe = Number.MAX_SAFE_INTEGER;

/** What a message shows of a value: enough to recognise it, never a whole array. */
function seen(value: unknown): string {
  if (typeof value === 'object' && value !== null) return value.constructor?.name ?? 'object';
  if (typeof value === 'function') return 'function';
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, 120))
    : `${String(value)} (${typeof value})`;
}

export function checkInteger(what: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  const expected = high === safe ? `an integer from ${low}` : `an integer from ${low} to ${high}`;
  throw new RangeError(`${what}: expected ${expected}, seen ${seen(value)}`);
}

export function checkFd(fd: number): void {
  checkInteger('file descriptor', fd, 0, 0x7fff_ffff);
}

/** A byte count or offset that must be a multiple of `unitBytes`. */
export function checkMultiple(what: string, value: number, unitBytes: number, low: number): void {
  checkInteger(what, value, low, safe);
  if (value % unitBytes === 0) return;
  throw new RangeError(
    `${what}: expected a multiple of 0x${unitBytes.toString(16)}, seen 0x${value.toString(16)}`,
  );
}

export function checkBytes(what: string, bytes: Uint8Array): void {
  // A Buffer is a Uint8Array too; other views would change the meaning of a length.
  if (bytes instanceof Uint8Array) return;
  throw new TypeError(`${what}: expected a Uint8Array, seen ${seen(bytes)}`);
}

export function checkSomeBytes(what: string, bytes: Uint8Array): void {
  checkBytes(what, bytes);
  if (bytes.length === 0) throw new RangeError(`${what}: expected at least 1 byte, seen 0`);
}

export function checkWord(words: Int32Array, index: number): void {
  if (!(words instanceof Int32Array))
    throw new TypeError(`words: expected an Int32Array, seen ${seen(words)}`);
  checkInteger('index of the word', index, 0, words.length - 1);
}

/** Looks a name up in a table of what is allowed. */
export function checkOneOf<T>(what: string, name: string, table: Readonly<Record<string, T>>): T {
  const value = Object.hasOwn(table, name) ? table[name] : undefined;
  if (value !== undefined) return value;
  throw new TypeError(`${what}: expected ${Object.keys(table).join(' or ')}, seen ${seen(name)}`);
}
