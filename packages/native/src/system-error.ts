// The one error that system calls fail with. It has the three properties of Node's own system errors, so
// that `error.code === 'ENOENT'` reads the same for fs and for this package; the addon throws instances.

export class SystemError extends Error {
  override readonly name = 'SystemError';
  /** The symbolic name, as 'ENOENT'. */
  readonly code: string;
  /** The positive number. */
  readonly errno: number;
  /** The call that failed, as the manual names it. */
  readonly syscall: string;

  constructor(code: string, errno: number, syscall: string, text: string) {
    super(`${code}: ${text}, ${syscall}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
  }
}
