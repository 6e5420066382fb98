// Our side's processes: one that measures and reports, others that answer it. All are killed when the round is
// over or cut short; they own nothing that a SIGKILL would leave behind.
import { fileURLToPath } from 'node:url';
import { type Child, launch } from '@vsoc/process/launcher';
import { type Figures, parseFigures, type RoundSize, roundTimeoutMs } from './c-program.js';

export interface PeerSpec {
  /** A file of src/peers, without its ending. */
  readonly program: string;
  readonly size: RoundSize;
  /** Where it runs; -1 leaves it to the scheduler. */
  readonly cpu: number;
  readonly words: readonly string[];
  /** Become descriptors 6, 7, … of the peer. */
  readonly fds?: readonly number[];
}

export interface PeerRound {
  readonly measuring: PeerSpec;
  /** Ready before the measuring one starts. */
  readonly answering?: readonly PeerSpec[];
  /** All that the measuring one reported, beside its figures. */
  readonly onReport?: (report: object) => void;
}

export interface Peer {
  readonly child: Child;
  /** The first thing that it reported; rejects when it ends before. */
  readonly reported: Promise<object>;
}

/** Runs one round to the measuring peer's report. */
export async function runPeers(
  { measuring, answering = [], onReport = () => {} }: PeerRound,
  caller: AbortSignal,
): Promise<Record<Figures, number>> {
  caller.throwIfAborted();
  const children: Child[] = [];
  const killAll = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  // The measuring peer cannot outlive this: its end before its report is the round's failure.
  caller.addEventListener('abort', killAll);
  const timer = setTimeout(killAll, roundTimeoutMs);
  try {
    for (const spec of answering) {
      const { child } = startPeer(spec);
      children.push(child);
      await child.ready;
    }
    const { child, reported } = startPeer(measuring);
    children.push(child);
    const report = await reported;
    onReport(report);
    return parseFigures(JSON.stringify(report), measuring.program);
  } finally {
    clearTimeout(timer);
    caller.removeEventListener('abort', killAll);
    killAll();
    for (const { ended } of children) await ended;
  }
}

export function startPeer({ program, size, cpu, words, fds = [] }: PeerSpec): Peer {
  let onReport: (report: object) => void = () => {};
  const report = new Promise<object>((resolve) => {
    onReport = resolve;
  });
  const child = launch({
    name: `bench ${program}`,
    program: fileURLToPath(new URL(`./peers/${program}.js`, import.meta.url)),
    args: [...[size.trips, size.warmUp, cpu].map(String), ...words],
    fds,
    onReport,
  });
  const ended = child.ended.then(({ text, lastError = '' }) => {
    throw new Error(`bench ${program} ${text} before it reported ${lastError}`.trimEnd());
  });
  const reported = Promise.race([report, ended]);
  reported.catch(() => {}); // of interest for the measuring peer alone
  return { child, reported };
}
