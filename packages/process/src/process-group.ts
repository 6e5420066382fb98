// The owner of one run's processes: starts them, holds the presence pipe, ends them in reverse order. The run
// directory goes with the last process of the run, which need not be this one.

import { type Stats, statSync } from 'node:fs';
import { createPipe } from '@vsoc/native';
import { type Child, type LaunchSpec, launch } from './child.js';
import { removeDirectory } from './presence.js';

export interface ProcessGroup extends AsyncDisposable {
  /** In the order of their start; those that have ended stay in the list. */
  readonly children: readonly Child[];
  /** `--run-dir` is added to the arguments. */
  launch(spec: LaunchSpec): Child;
  /** Ends all, the youngest first, and removes the run directory. Repeated calls wait for the first one. */
  close(): Promise<void>;
  /** For the impatient: SIGKILL to all that are left. */
  killAll(): void;
}

export function openProcessGroup(runDir: string): ProcessGroup {
  const identity: Stats = statSync(runDir);
  const presence = createPipe();
  const children: Child[] = [];
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    // Leaves before the others: should this process be killed from here on, the last child removes the directory.
    presence.write[Symbol.dispose]();
    for (const child of children.toReversed()) await child.stop();
    presence.read[Symbol.dispose]();
    removeDirectory(runDir, identity);
  }
  return {
    children,
    launch(spec) {
      if (closing !== undefined) throw new Error(`cannot start ${spec.name}: the run is ending`);
      const args = ['--run-dir', runDir, ...(spec.args ?? [])];
      const fds = { readFd: presence.read.fd, writeFd: presence.write.fd };
      const child = launch({ ...spec, args }, fds);
      children.push(child);
      return child;
    },
    close: () => (closing ??= close()),
    killAll() {
      for (const child of children) child.kill('SIGKILL');
    },
    [Symbol.asyncDispose]() {
      return this.close();
    },
  };
}
