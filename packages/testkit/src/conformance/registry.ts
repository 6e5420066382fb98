// HALs by name, for a process that serves one of their halves: it loads the module that describes the HAL, which is the
// HAL's own test file, and finds it here.

import type { Hal, Mark } from './hal.js';

const declared = new Map<string, Hal>();
let serving = false;

/** From here on modules that describe HALs are loaded for their descriptions alone. */
export function beginServing(): void {
  serving = true;
}

/** True in a process that serves halves: there is nothing to be tested in it. */
export function isServing(): boolean {
  return serving;
}

export function declareHal<Guest extends Disposable, Host extends Disposable, M extends Mark>(
  hal: Hal<Guest, Host, M>,
): Hal {
  // The suite gives a half only what it got from it: which type that has is between the HAL's own functions.
  const declaration = hal as unknown as Hal;
  declared.set(hal.name, declaration);
  return declaration;
}

/** Loads modules that describe HALs, for their descriptions alone. */
export async function describedHals(moduleUrls: readonly string[]): Promise<readonly Hal[]> {
  beginServing();
  for (const url of moduleUrls) await import(url);
  return [...declared.values()];
}

export function declaredHal(name: string): Hal {
  const hal = declared.get(name);
  if (!hal) throw new Error(`no HAL ${name} was declared; there are: ${[...declared.keys()].join(', ')}`);
  return hal;
}
