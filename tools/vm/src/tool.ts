// Runs a program of the system, for its output. It ends with the signal, and with this process if that is killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';

export interface ToolOptions {
  readonly folder?: string;
  readonly input?: Uint8Array;
  /** Some tools complain of what does not matter; who says so looks at the output itself. */
  readonly anyExitCode?: boolean;
  readonly signal?: AbortSignal;
}

/** Resolves with what it printed; rejects with its own words when it fails. */
export async function runTool(
  command: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<Buffer> {
  options.signal?.throwIfAborted();
  const child = spawn(...boundToThisProcess(command, args), {
    cwd: options.folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: options.signal,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => {}); // it need not read all of its input
  child.stdin.end(options.input);
  const [output, complaint, [code]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code === 0 || options.anyExitCode) return output;
  throw new Error(`${command} ${args.join(' ')} ended with code ${code}: ${complaint.trim()}`);
}

/**
 * The command that starts a program which the kernel kills when this process is gone. The shell in between ends the
 * race: should this process have ended before setpriv was heard, the program has another parent and does not begin.
 */
export function boundToThisProcess(command: string, args: readonly string[]): [string, string[]] {
  const beginIfParentLives = 'test "$PPID" = "$0" && exec "$@"';
  const shell = ['sh', '-c', beginIfParentLives, `${process.pid}`];
  return ['setpriv', ['--pdeathsig', 'KILL', '--', ...shell, command, ...args]];
}
