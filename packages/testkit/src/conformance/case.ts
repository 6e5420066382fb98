// One thing that must hold for every HAL: a name that says what, and a function that throws when it does not.

import type { Hal } from './hal.js';
import type { Rig } from './rig.js';

export interface CaseContext {
  readonly rig: Rig;
  readonly hal: Hal;
}

export interface Case {
  readonly name: string;
  /** Left out where the HAL has nothing that the case could try. */
  appliesTo?(hal: Hal): boolean;
  run(context: CaseContext): Promise<void>;
}

/** Runs a case on a guest that is up, and puts the rig right afterwards, whatever the case met. */
export async function runCase(one: Case, context: CaseContext): Promise<void> {
  await context.rig.tidy();
  try {
    await one.run(context);
  } finally {
    await context.rig.tidy();
  }
}
