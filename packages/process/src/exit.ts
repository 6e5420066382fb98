// The last moments of a program: leaves the run, waits for the others if their launcher is gone, removes the run
// directory if it was the last, and exits.

import type { Presence } from './presence.js';

export interface Exit {
  readonly begun: boolean;
  /** The launcher is gone: whoever ends waits for the others, any of whom may still be killed. */
  launcherIsGone(): void;
  /** The terminal is gone. */
  terminalIsGone(): void;
  finish(exitCode: number): Promise<void>;
}

/** Longer than a program has for its end, so that nobody gives up on the others before they were forced. */
const aloneTimeoutMs = 4000;

export function openExit(presence: Presence | undefined): Exit {
  let begun = false;
  let launcherGone = false;
  let terminalGone = false;
  process.once('exit', () => presence?.removeRunDirectoryIfLast());
  return {
    get begun() {
      return begun;
    },
    launcherIsGone() {
      launcherGone = true;
    },
    terminalIsGone() {
      terminalGone = true;
    },
    async finish(exitCode) {
      if (begun) return;
      begun = true;
      presence?.leave();
      if (launcherGone) await presence?.alone(aloneTimeoutMs);
      if (terminalGone) endByHangUp(presence);
      process.exit(exitCode);
    },
  };
}

/** Node aborts at an ordinary exit when the terminal that it started on is gone: it cannot restore its modes. */
function endByHangUp(presence: Presence | undefined): void {
  presence?.removeRunDirectoryIfLast();
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}
