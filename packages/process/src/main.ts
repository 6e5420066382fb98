// How every program begins and ends. One AbortSignal says "end now", whatever the cause: SIGTERM, Ctrl-C at
// a program run by hand, a launcher that is gone. What the program owns it disposes on its way out of `main`;
// only then the process exits, and if it was the last of its run it removes the run directory.

import { openLifeline } from './lifeline.js';
import { type Log, openLog } from './log.js';
import { joinPresence } from './presence.js';

export interface MainContext {
  /** Aborts when the program shall end. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Tells the launcher, once, that others may now use what this program offers. */
  ready(info?: object): void;
  /** Tells the launcher a fact worth showing, for instance `{stats: {...}}` once a second. */
  report(report: object): void;
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

/** Longer than `defaultEndTimeoutMs`, so that nobody gives up on the others before they were forced to end. */
const aloneTimeoutMs = 4000;

/** For a program's bin file: runs `main` and ends the process, with code 0 or, after an error, 1. */
export function runMain(name: string, main: Main, options: MainOptions = {}): void {
  const { endTimeoutMs = defaultEndTimeoutMs } = options;
  const log = openLog(name, options.readableLog);
  const ending = new AbortController();
  let launcherGone = false;
  let finishing = false;

  const presence = joinPresence(process.argv);
  const lifeline = openLifeline(() => {
    launcherGone = true;
    end('its launcher is gone');
  });

  function end(reason: string): void {
    if (ending.signal.aborted) return;
    log.debug(`ending: ${reason}`);
    ending.abort(new DOMException(reason, 'AbortError'));
    setTimeout(() => {
      if (finishing) return;
      log.error(`did not end within ${endTimeoutMs / 1000} s (${reason}): forced to`);
      void finish(1);
    }, endTimeoutMs).unref();
  }

  async function finish(exitCode: number): Promise<void> {
    if (finishing) return;
    finishing = true;
    presence?.leave();
    if (launcherGone) await presence?.alone(aloneTimeoutMs);
    process.exit(exitCode);
  }

  process.once('exit', () => presence?.removeRunDirectoryIfLast());
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, `uncaught: ${messageOf(error)}`);
    void finish(1);
  });
  process.on('SIGTERM', () => end('SIGTERM'));
  // A terminal sends these two to the whole process group: with a launcher, the ending is the launcher's.
  for (const name of ['SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (lifeline === undefined) end(name);
    });
  }

  const context: MainContext = {
    signal: ending.signal,
    log,
    ready(info = {}) {
      if (lifeline === undefined) log.info(info, 'ready');
      else lifeline.send({ ready: info });
    },
    report: (report) => lifeline?.send({ report }),
  };
  // A program that waits for its signal only would otherwise run out of events and end at once.
  const keepAlive = setInterval(() => {}, 1 << 30);
  void main(context)
    .then(
      (exitCode) => exitCode ?? 0,
      (error: unknown) => {
        if (ending.signal.aborted && isAbort(error, ending.signal)) return 0;
        log.error({ err: error }, messageOf(error));
        return 1;
      },
    )
    .then((exitCode) => {
      clearInterval(keepAlive);
      return finish(exitCode);
    });
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
