// The demo as people start it: all programs, and the address to open.

import { addressOf } from './address.js';
import type { DemoOptions } from './arguments.js';
import { demoPrograms } from './programs.js';
import { type RunContext, runPrograms } from './run-programs.js';
import { writeLayout } from './window.js';

export function runDemo(options: DemoOptions, { signal, screen }: RunContext): Promise<number> {
  return runPrograms(demoPrograms(options), {
    signal,
    screen,
    prepare: ({ layoutFile }) => writeLayout(layoutFile),
    onReady: (ready) => screen.print(`\n  ${addressOf(ready, 'url')}\n\nCtrl-C ends all processes.\n`),
  });
}
