#!/usr/bin/env node
// lab NAME: plays one lab of docs/break-it.md, and ends with code 0.
import { runMain } from '@vsoc/process';
import { labs } from '../lab.js';
import { openStage } from '../stage.js';

/** A stuck child is given 4 s before it is killed. */
const endTimeoutMs = 20_000;

runMain(
  'lab',
  async ({ signal }) => {
    const [name = ''] = process.argv.slice(2);
    const lab = Object.hasOwn(labs, name) ? labs[name] : undefined;
    if (!lab) throw new Error(`lab '${name}': expected one of ${Object.keys(labs).join(', ')}`);
    await lab(
      () => openStage(signal),
      (line) => process.stdout.write(`${line}\n`),
    );
  },
  { endTimeoutMs, readableLog: true },
);
