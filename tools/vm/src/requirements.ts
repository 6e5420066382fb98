// What a machine needs of the host, and the line that installs what is missing: said before anything is started, in
// place of whatever would fail first without it.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { qemuProgram } from './qemu.js';

export interface Requirement {
  readonly program: string;
  readonly what: string;
  /** Debian's package of it. */
  readonly debianPackage: string;
}

export const requirements: readonly Requirement[] = [
  { program: qemuProgram, what: 'the emulator', debianPackage: 'qemu-system-x86' },
  { program: 'setpriv', what: 'ends the emulator with its starter', debianPackage: 'util-linux' },
  { program: 'xz', what: "unpacks the guest's kernel", debianPackage: 'xz-utils' },
  { program: 'apt-get', what: "fetches the guest's kernel", debianPackage: 'apt' },
  { program: 'dpkg-deb', what: "unpacks the guest's kernel", debianPackage: 'dpkg' },
  { program: 'ldd', what: "finds the libraries of the guest's Node", debianPackage: 'libc-bin' },
];

export function missingRequirements(env: NodeJS.ProcessEnv = process.env): Requirement[] {
  return requirements.filter(({ program }) => findProgram(program, env) === undefined);
}

/** Throws one error that names all that is missing. */
export function checkRequirements(env: NodeJS.ProcessEnv = process.env): void {
  const missing = missingRequirements(env);
  if (missing.length === 0) return;
  const names = missing.map(({ program, what }) => `${program} (${what})`).join(', ');
  throw new Error(`the virtual machine needs ${names}; install it: ${installLine(missing)}`);
}

/** `apt-get install …` */
export function installLine(missing: readonly Requirement[]): string {
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
  return `apt-get install --no-install-recommends ${packages.join(' ')}`;
}

export function findProgram(program: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return (env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
