#!/usr/bin/env node
// The supervisor's start: command line in, exit code out.

import { runMain } from '@vsoc/process';
import { type DemoOptions, helpText, parseDemoArguments } from '../arguments.js';
import { runDemo } from '../run-demo.js';
import { runSmoke } from '../run-smoke.js';
import { openScreen } from '../screen.js';

/** Ending takes each child up to 4 s when it is stuck, one after the other. */
const endTimeoutMs = 25_000;

const options = readArguments();
if (options?.help) process.stdout.write(`${helpText}\n`);
else if (options !== undefined) start(options);

function readArguments(): DemoOptions | undefined {
  try {
    return parseDemoArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(
      `demo: ${error instanceof Error ? error.message : error}\n(--help shows all options)\n`,
    );
    process.exitCode = 1;
    return undefined;
  }
}

function start(options: DemoOptions): void {
  runMain(
    'demo',
    ({ signal }) => {
      const run = options.smoke ? runSmoke : runDemo;
      const screen = openScreen(options.smoke ? process.stderr : process.stdout);
      return run(options, { signal, screen });
    },
    { endTimeoutMs, readableLog: true },
  );
}
