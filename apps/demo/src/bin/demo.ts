#!/usr/bin/env node
// The supervisor's start: command line in, exit code out.

import { runMain } from '@vsoc/process';
import { type DemoOptions, helpText, parseDemoArguments } from '../arguments.js';
import { runDemo } from '../run-demo.js';
import { runOnly } from '../run-only.js';
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
      const context = { signal, screen: openScreen(options.smoke ? process.stderr : process.stdout) };
      if (options.only !== undefined) return runOnly(options.only, context);
      return options.smoke ? runSmoke(options, context) : runDemo(options, context);
    },
    { endTimeoutMs, readableLog: true },
  );
}
