/**
 * The one error that this library throws on purpose, shaped like Node's own system errors. The codes are the
 * ones that a user of the Linux driver would have seen in errno, so they also travel as plain numbers on the
 * wire and come back as the same code. Pure: the browser uses it as it is.
 */

/** Linux errno numbers (asm-generic), as many as this project speaks. */
const errnoByCode = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOTTY: 25,
  ENOSPC: 28,
  ESPIPE: 29,
  EPIPE: 32,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  EPROTO: 71,
  EOVERFLOW: 75,
  EMSGSIZE: 90,
  EPROTONOSUPPORT: 93,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ENOTCONN: 107,
  ESHUTDOWN: 108,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EALREADY: 114,
  EINPROGRESS: 115,
  ESTALE: 116,
  EDQUOT: 122,
  ECANCELED: 125,
} as const;

export type ErrorCode = keyof typeof errnoByCode;

const codeByErrno: ReadonlyMap<number, ErrorCode> = new Map(
  Object.entries(errnoByCode).map(([code, errno]) => [errno, code as ErrorCode]),
);

/** The positive number that stands for a code: `errnoOf('EAGAIN')` is 11. */
export function errnoOf(code: ErrorCode): number {
  return errnoByCode[code];
}

/** The code behind a number, whatever its sign (replies carry −errno); undefined for one we do not speak. */
export function codeOf(errno: number): ErrorCode | undefined {
  return codeByErrno.get(Math.abs(errno));
}

export class VsocError extends Error {
  override readonly name: string = 'VsocError';
  readonly code: ErrorCode;
  /** Positive, as in C's errno. */
  readonly errno: number;
  /** What was being done: 'planWindow', 'CREATE_FD_SCOPED_PERMISSION', … */
  readonly op: string;
  /** The message without code and op: what was expected, what was seen and where. */
  readonly detail: string;

  constructor(code: ErrorCode, op: string, detail: string, options?: ErrorOptions) {
    super(`${code}: ${op}: ${detail}`, options);
    this.code = code;
    this.errno = errnoByCode[code];
    this.op = op;
    this.detail = detail;
  }
}
