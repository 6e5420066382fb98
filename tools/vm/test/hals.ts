// Every HAL that has a conformance suite, for one window with all their regions.

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileForNode, describedHals, type Hal } from '@vsoc/testkit/conformance';
import type { RegionDefinition } from '@vsoc/vsoc/layout';
import { checkout } from './machine-guest.js';

export interface AllHals {
  readonly hals: readonly Hal[];
  readonly regions: readonly RegionDefinition[];
  readonly guestPrograms: readonly string[];
  /** Of a module that loads what describes each of them. */
  readonly moduleUrl: string;
}

export async function allHals(): Promise<AllHals> {
  const sources = readdirSync(join(checkout, 'apps'))
    .map((app) => join(checkout, 'apps', app, 'test/conformance.test.ts'))
    .filter((path) => existsSync(path));
  const hals = await describedHals(sources.map((path) => pathToFileURL(path).href));
  const regions = new Map(hals.flatMap((hal) => hal.regions.map((region) => [region.name, region])));
  return {
    hals,
    regions: [...regions.values()],
    guestPrograms: [...new Set(hals.flatMap(({ guestPrograms = [] }) => guestPrograms))],
    moduleUrl: writeModule(sources.map((path) => compileForNode(pathToFileURL(path).href))),
  };
}

/** Relative imports, so that it means the same wherever the checkout is mounted. */
function writeModule(urls: readonly string[]): string {
  const file = fileURLToPath(new URL('../test-results/hals.mjs', import.meta.url));
  mkdirSync(dirname(file), { recursive: true });
  const imports = urls.map((url) => `import './${relative(dirname(file), fileURLToPath(url))}';\n`);
  writeFileSync(file, imports.join(''));
  return pathToFileURL(file).href;
}
