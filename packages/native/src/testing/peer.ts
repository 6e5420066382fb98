// Starts test-fixtures/peer.mjs, the second process of a test. Disposing kills it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../test-fixtures/peer.mjs', import.meta.url));

export interface Peer extends Disposable {
  readonly child: ChildProcess;
  /** The next line that it says; fails when it ended instead. */
  said(): Promise<unknown>;
  readonly exitCode: Promise<number | null>;
}

export interface PeerOptions {
  readonly args?: readonly string[];
  /** The descriptors that it finds from 3 on. */
  readonly fds?: readonly number[];
  readonly maxFds?: number;
}

export function startPeer(verb: string, { args = [], fds = [], maxFds }: PeerOptions = {}): Peer {
  const command = [process.execPath, program, verb, ...args];
  const limited = maxFds === undefined ? command : ['prlimit', `--nofile=${maxFds}`, ...command];
  const [file = '', ...rest] = limited;
  const child = spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit', ...fds] });
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  const exitCode = once(child, 'exit').then(([code]) => code as number | null);
  return {
    child,
    exitCode,
    async said() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`peer '${verb}' ended without saying more`);
      return JSON.parse(value);
    },
    [Symbol.dispose]: () => {
      child.kill('SIGKILL');
    },
  };
}
