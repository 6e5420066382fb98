// One HAL alone: which there are, and what each needs. Nothing here knows any of them: a HAL is a folder of apps whose
// package exports `./alone`, so that one that was added yesterday can be named today.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type PlanOptions, planWindow, type RegionDefinition, system } from '@vsoc/vsoc/layout';
import type { Program } from './supervise.js';

/** What a HAL's alone.ts says, as plain data. */
export interface Alone {
  /** In the order of the window, behind `system`. */
  readonly regions: readonly RegionDefinition[];
  /** As the planner takes them; mostly left out. */
  readonly window?: PlanOptions;
  /** Each starts when those before it are ready. The run is over when one of them ends with code 0. */
  readonly programs: readonly {
    readonly name: string;
    /** For people, in a few words. */
    readonly what: string;
    /** Relative to the built alone.js. */
    readonly program: string;
    readonly args?: readonly string[];
  }[];
}

export interface FoundHal {
  readonly name: string;
  /** The built module, which may not be there yet. */
  readonly file: string;
}

/** The same distance from the root for the source and for the built file. */
const appsDir = fileURLToPath(new URL('../../', import.meta.url));

/** Every HAL that says how it runs alone, by name. */
export function findHals(apps = appsDir): FoundHal[] {
  return readdirSync(apps)
    .toSorted()
    .flatMap((name) => {
      const manifestFile = join(apps, name, 'package.json');
      if (!existsSync(manifestFile)) return [];
      const { exports } = JSON.parse(readFileSync(manifestFile, 'utf8'));
      const file = exports?.['./alone']?.default;
      return typeof file === 'string' ? [{ name, file: join(apps, name, file) }] : [];
    });
}

/** Throws with the names that there are. */
export async function loadHal(name: string, hals = findHals()): Promise<{ alone: Alone; file: string }> {
  const hal = hals.find((found) => found.name === name);
  if (!hal) {
    throw new Error(`--only ${name}: expected one of ${hals.map((found) => found.name).join(', ')}`);
  }
  const { alone } = await import(pathToFileURL(hal.file).href);
  if (!Array.isArray(alone?.regions) || !Array.isArray(alone?.programs)) {
    throw new Error(`${hal.file}: expected an export 'alone' with regions and programs`);
  }
  return { alone, file: hal.file };
}

export function planAlone({ regions, window }: Alone) {
  return planWindow([system, ...regions], window);
}

/** Server and guest driver, then the HAL's own programs, one after the other. */
export function alonePrograms({ programs }: Alone, file: string): Program[] {
  const base: Program[] = [
    {
      name: 'ivshmem-server',
      what: 'owns the window, hands it to the guest and to host processes',
      after: [],
      program: join(appsDir, 'ivshmem-server/dist/bin/server.js'),
    },
    {
      name: 'guest-driver',
      what: "the guest's kernel part: device nodes, permissions, waits",
      endMeans: 'the guest has crashed',
      after: ['ivshmem-server'],
      program: join(appsDir, 'guest-driver/dist/bin/guest-driver.js'),
    },
  ];
  const own = programs.map(
    ({ name, what, program, args }, index): Program => ({
      name,
      what,
      after: [programs[index - 1]?.name ?? 'guest-driver'],
      program: fileURLToPath(new URL(program, pathToFileURL(file))),
      ...(args && { args }),
      speaks: true,
    }),
  );
  return [...base, ...own];
}
