// The conformance suite as vitest runs it: one rig, one test a case.

import { runCase } from './case.js';
import { conformanceCases } from './cases.js';
import { compileForNode } from './compile.js';
import type { Hal, Mark } from './hal.js';
import { declareHal, isServing } from './registry.js';
import { openRig, type Rig, type RigOptions } from './rig.js';

/**
 * The whole of a HAL's test/conformance.test.ts: `await conformanceSuite(import.meta.url, { … })`. The halves run in
 * processes of their own, which load that same file for its description; so it imports packages, its own too, by name.
 */
export async function conformanceSuite<Guest extends Disposable, Host extends Disposable, M extends Mark>(
  moduleUrl: string,
  hal: Hal<Guest, Host, M>,
  options: Pick<RigOptions, 'openGuest'> = {},
): Promise<void> {
  const declared = declareHal(hal);
  if (isServing()) return;
  const { afterAll, beforeAll, describe, it } = await import('vitest');
  describe(`${hal.name} conforms`, () => {
    let rig: Rig;
    beforeAll(async () => {
      const { regions, guestPrograms = [] } = hal;
      rig = await openRig({ regions, guestPrograms, moduleUrl: compileForNode(moduleUrl), ...options });
    });
    afterAll(() => rig?.end());
    for (const one of Object.values(conformanceCases)) {
      const { appliesTo } = one as { appliesTo?(hal: Hal): boolean };
      if (!appliesTo || appliesTo(declared)) it(one.name, () => runCase(one, { rig, hal: declared }));
    }
  });
}
