// Tokens: the descriptors that stand for open file descriptions. A token is the write end of a pipe that nobody writes
// to; the kernel counts its references through dup, inheritance and messages, and the hang-up of the read end is the
// last close, SIGKILL included. Nobody who shares a pipe's end can shut it down for the others.
import { createPipe, DisposableStack, identifyFd, type OwnedFd, SystemError, watch } from '@vsoc/native';
import type { Description } from '@vsoc/vsoc/driver';

export interface TokenTable extends Disposable {
  /** A fresh token for `description`; the caller sends it and closes its own copy. Throws EMFILE, nothing kept. */
  issue(description: Description): OwnedFd;
  /** What a descriptor that came back stands for; undefined for anything that is no token of this driver. */
  find(fd: number): Description | undefined;
  readonly count: number;
  /** Of those that process `pid` opened, whoever holds them now. */
  countOf(pid: number): number;
}

/** `onLastClose` is called once for each description whose last token went. */
export function openTokenTable(onLastClose: (description: Description) => void): TokenTable {
  interface Issued {
    readonly dev: bigint;
    readonly description: Description;
    readonly stack: DisposableStack;
  }
  // By inode: the read end that is kept here keeps the number from being used again.
  const issued = new Map<bigint, Issued>();
  const counts = new Map<number, number>();

  function count({ creatorPid }: Description, change: 1 | -1): void {
    const now = (counts.get(creatorPid) ?? 0) + change;
    if (now > 0) counts.set(creatorPid, now);
    else counts.delete(creatorPid);
  }

  return {
    issue(description) {
      const pipe = createPipe();
      const { dev, ino } = identifyFd(pipe.read.fd);
      const stack = new DisposableStack();
      stack.use(pipe.read);
      const onHangUp = () => {
        issued.delete(ino);
        count(description, -1);
        stack[Symbol.dispose]();
        onLastClose(description);
      };
      try {
        stack.use(watch(pipe.read.fd, 'hang-up', onHangUp));
      } catch (error) {
        stack[Symbol.dispose]();
        pipe.write[Symbol.dispose]();
        throw error;
      }
      issued.set(ino, { dev, description, stack });
      count(description, 1);
      return pipe.write;
    },
    find(fd) {
      const identity = identityOf(fd);
      const found = identity?.kind === 'pipe' ? issued.get(identity.ino) : undefined;
      return found && found.dev === identity?.dev ? found.description : undefined;
    },
    get count() {
      return issued.size;
    },
    countOf: (pid) => counts.get(pid) ?? 0,
    [Symbol.dispose]() {
      for (const { stack } of issued.values()) stack[Symbol.dispose]();
      issued.clear();
      counts.clear();
    },
  };
}

/** Undefined where it cannot be told: the file system behind a descriptor may be its sender's, and say anything. */
function identityOf(fd: number): ReturnType<typeof identifyFd> | undefined {
  try {
    return identifyFd(fd);
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
