// How every program begins and ends. One AbortSignal says "end now", whatever the cause: SIGTERM, Ctrl-C at
// a program run by hand, a launcher that is gone. What the program owns it disposes on its way out of `main`;
// only then the process exits, and if it was the last of its run it removes the run directory.

import { type Exit, openExit } from './exit.js';
import { type Lifeline, openLifeline } from './lifeline.js';
import { type Log, openLog } from './log.js';
import { joinPresence } from './presence.js';
import { openTold } from './told.js';

export interface MainContext {
  /** Aborts when the program shall end. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Tells the launcher, once, that others may now use what this program offers. */
  ready(info?: object): void;
  /** Tells the launcher a fact worth showing, for instance `{stats: {...}}` once a second. */
  report(report: object): void;
  /** What the launcher tells, in order; ends when the program shall end. */
  readonly told: AsyncIterable<object>;
}

/** Most programs have nothing to tell by their exit code; a supervisor may resolve with 1 after it said why. */
export type Main = ((context: MainContext) => Promise<void>) | ((context: MainContext) => Promise<number>);

export interface MainOptions {
  /** How long a program that was told to end has for it; the default is 3 s. */
  readonly endTimeoutMs?: number;
  /** Log lines for people wherever stderr goes: for a program that is never a child. */
  readonly readableLog?: boolean;
}

const defaultEndTimeoutMs = 3000;

/** For a program's bin file: runs `main` and ends the process, with code 0 or, after an error, 1. */
export function runMain(name: string, main: Main, options: MainOptions = {}): void {
  const { endTimeoutMs = defaultEndTimeoutMs } = options;
  const log = openLog(name, options.readableLog);
  const ending = new AbortController();
  const exit = openExit(joinPresence(process.argv));

  function end(reason: string): void {
    if (ending.signal.aborted) return;
    log.debug(`ending: ${reason}`);
    ending.abort(new DOMException(reason, 'AbortError'));
    setTimeout(() => {
      if (exit.begun) return;
      log.error(`did not end within ${endTimeoutMs / 1000} s (${reason}): forced to`);
      void exit.finish(1);
    }, endTimeoutMs).unref();
  }

  const told = openTold(ending.signal);
  const lifeline = openLifeline({
    onLauncherGone() {
      exit.launcherIsGone();
      end('its launcher is gone');
    },
    onTold: (message) => told.push(message),
  });
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, `uncaught: ${messageOf(error)}`);
    void exit.finish(1);
  });
  listenToSignals(exit, end, lifeline !== undefined);
  const context = contextOf(ending.signal, { log, lifeline, told: told.messages });
  void runToExit(() => main(context), { exit, log, signal: ending.signal });
}

function listenToSignals(exit: Exit, end: (reason: string) => void, hasLauncher: boolean): void {
  process.on('SIGTERM', () => end('SIGTERM'));
  // A terminal sends the other two to its whole process group: with a launcher, the ending is the launcher's.
  process.on('SIGINT', () => {
    if (!hasLauncher) end('SIGINT');
  });
  process.on('SIGHUP', () => {
    if (hasLauncher) return;
    exit.terminalIsGone();
    end('SIGHUP');
  });
}

function contextOf(
  signal: AbortSignal,
  { log, lifeline, told }: { log: Log; lifeline: Lifeline | undefined; told: AsyncIterable<object> },
): MainContext {
  return {
    signal,
    log,
    told,
    ready(info = {}) {
      if (lifeline === undefined) log.info(info, 'ready');
      else lifeline.send({ ready: info });
    },
    report: (report) => lifeline?.send({ report }),
  };
}

async function runToExit(
  main: () => ReturnType<Main>,
  { exit, log, signal }: { exit: Exit; log: Log; signal: AbortSignal },
): Promise<void> {
  // A program that waits for its signal only would otherwise run out of events and end at once.
  const keepAlive = setInterval(() => {}, 1 << 30);
  let exitCode = 0;
  try {
    exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(signal.aborted && isAbort(error, signal))) {
      log.error({ err: error }, messageOf(error));
      exitCode = 1;
    }
  }
  clearInterval(keepAlive);
  await exit.finish(exitCode);
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
