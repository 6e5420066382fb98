// Runs several of the guest's programs in one process: each start of Node costs seconds under emulation, and what they
// load is mostly the same. Each begins when the socket that it connects to is there.
//
//   node programs.js '[{"after": SOCKET, "program": FILE, "args": [WORD, …]}, …]'
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
// Not used here: loaded while the guest driver starts, for those that begin after it.
import '@vsoc/process';
import '@vsoc/vsoc/guest';

export interface HostedProgram {
  readonly after: string;
  readonly program: string;
  readonly args: readonly string[];
}

const lookAgainMs = 20;
/** Long for a busy machine; without an end a program that was never there would be waited for in silence. */
const socketTimeoutMs = 60_000;

const programs = JSON.parse(process.argv[2] ?? '[]') as HostedProgram[];
for (const { after, program, args } of programs) {
  await untilThere(after);
  const file = resolve(program);
  // A program reads its words while it is loaded, before it waits for anything.
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}

async function untilThere(socket: string): Promise<void> {
  const deadlineMs = performance.now() + socketTimeoutMs;
  while (!existsSync(socket)) {
    if (performance.now() > deadlineMs) throw new Error(`${socket} was not there in time`);
    await sleep(lookAgainMs);
  }
}
