// The anchors: small C programs, compiled on the spot with the machine's own compiler at -O2 into build/, and
// run once per round. They print one line of JSON and end with their parent by themselves.
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Contestant } from './alternate.js';

const sources = fileURLToPath(new URL('../c/', import.meta.url));
const binaries = fileURLToPath(new URL('../build/', import.meta.url));
const execute = promisify(execFile);

/** A round that takes longer than this hangs. */
const roundTimeoutMs = 60_000;

export interface RoundSize {
  /** Samples of a round. */
  readonly trips: number;
  /** Samples before them that do not count. */
  readonly warmUp: number;
}

export type Figures = 'p50Ns' | 'p99Ns';

/** Compiles c/<name>.c; the contestant's rounds run it. */
export async function compileAnchor(
  name: string,
  { trips, warmUp }: RoundSize,
  args: readonly string[] = [],
): Promise<Contestant<Figures>> {
  mkdirSync(binaries, { recursive: true });
  const program = `${binaries}${name}`;
  try {
    await execute('cc', ['-O2', '-std=gnu11', '-Wall', '-Wextra', '-o', program, `${sources}${name}.c`]);
  } catch (cause) {
    throw new Error(`the anchor ${name}.c does not compile: a C compiler named cc is needed`, { cause });
  }
  return {
    async round(signal) {
      const argv = [String(trips), String(warmUp), ...args];
      const { stdout } = await execute(program, argv, {
        signal,
        timeout: roundTimeoutMs,
        killSignal: 'SIGKILL',
      });
      return parseFigures(stdout, name);
    },
  };
}

/** What a measuring program prints, C or ours: {"p50Ns":…,"p99Ns":…}. */
export function parseFigures(text: string, program: string): Record<Figures, number> {
  const { p50Ns, p99Ns } = JSON.parse(text) as Partial<Record<Figures, unknown>>;
  if (typeof p50Ns !== 'number' || typeof p99Ns !== 'number') {
    throw new Error(`${program} printed ${JSON.stringify(text)} where p50Ns and p99Ns were expected`);
  }
  return { p50Ns, p99Ns };
}
