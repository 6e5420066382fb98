// Everything that a test must give back: descriptors, mappings of memfds, child processes, and what the native
// package still has on its list. Take a snapshot, do the work, assert that nothing more is there than before.
// Creation stacks are known when VSOC_TRACK_LEAKS=1 was set before the first resource was made.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { liveResources } from '@vsoc/native';
import { childProcesses } from './find-processes.js';

/** A description of each thing and how often it is there. */
export type Snapshot = ReadonlyMap<string, number>;

/** A closed uv handle gives up its descriptor some turns of the loop later; a killed child takes longer. A watchdog. */
const defaultSettleMs = 30_000;

export function snapshot(): Snapshot {
  warmUp();
  const things = [...openDescriptors(), ...memfdMappings(), ...children(), ...nativeResources()];
  const counts = new Map<string, number>();
  for (const thing of things) counts.set(thing, (counts.get(thing) ?? 0) + 1);
  return counts;
}

/** Waits for what is just closing, then throws with a list of what is left. */
export async function assertNothingLeft(before: Snapshot, settleMs = defaultSettleMs): Promise<void> {
  const deadlineMs = performance.now() + settleMs;
  for (;;) {
    const left = whatIsMore(before, snapshot());
    if (left.length === 0) return;
    if (performance.now() > deadlineMs) throw new Error(`left behind:\n${left.join('\n')}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

function whatIsMore(before: Snapshot, now: Snapshot): string[] {
  const left: string[] = [];
  for (const [thing, count] of now) {
    const more = count - (before.get(thing) ?? 0);
    if (more > 0) left.push(more > 1 ? `${more} × ${thing}` : thing);
  }
  return left;
}

/** Node makes its signal pipe when the first signal handler (or child) appears: not a leak of the test. */
function warmUp(): void {
  const handler = () => {};
  process.on('SIGWINCH', handler);
  process.off('SIGWINCH', handler);
}

function openDescriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`descriptor ${fd} → ${readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      return []; // the one that readdir itself had open
    }
  });
}

function memfdMappings(): string[] {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.includes('/memfd:'))
    .map((line) => `mapping ${line}`);
}

function children(): string[] {
  return childProcesses().map(({ pid, commandLine }) => `child process ${pid}: ${commandLine}`);
}

function nativeResources(): string[] {
  return liveResources().map(({ kind, what, stack }) => `${kind} ${what}${stack && `\n${stack}`}`);
}
