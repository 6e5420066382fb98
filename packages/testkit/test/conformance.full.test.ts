// Each broken HAL passes every case but its own: a case that fails for another's reason tells the wrong story.

import { expect, it } from 'vitest';
import { brokenHals } from '../src/conformance/broken.js';
import { type CaseName, conformanceCases, openRig, runCase } from '../src/conformance/index.js';
import { sample } from '../src/conformance/sample.js';
import { clearWords, moduleUrl } from './fixtures/sample-words.js';

const names = Object.keys(conformanceCases) as CaseName[];
const timeoutMs = 600_000;
/** What is wrong with them stays with a process: each case gets new ones. */
const needsFreshProcesses: ReadonlySet<CaseName> = new Set(['opensAndCloses']);

it.each(names)(
  'the HAL that is broken for %s passes all other cases',
  async (brokenFor) => {
    const open = () => openRig({ regions: [sample], moduleUrl, watchdogMs: timeoutMs });
    let rig = await open();
    const failed: string[] = [];
    for (const name of names.filter((other) => other !== brokenFor)) {
      if (needsFreshProcesses.has(brokenFor)) {
        await rig.end();
        rig = await open();
      }
      await clearWords(rig);
      const verdict = runCase(conformanceCases[name], { rig, hal: brokenHals[brokenFor] });
      await verdict.catch((error: Error) => failed.push(`${name}: ${error.message}`));
    }
    await rig.end();
    expect(failed).toEqual([]);
  },
  timeoutMs,
);
