// `npm run demo -- --only NAME`: server, guest driver and the programs of one HAL, and every line that crossed.

import { writeFileSync } from 'node:fs';
import { layoutToJson } from '@vsoc/vsoc/layout';
import { alonePrograms, loadHal, planAlone } from './only.js';
import { type RunContext, runPrograms } from './run-programs.js';

export async function runOnly(name: string, { signal, screen }: RunContext): Promise<number> {
  const found = await loadHal(name).catch((error: Error) => error);
  if (found instanceof Error) {
    process.stderr.write(`demo: ${found.message}\n`);
    return 1;
  }
  const { alone, file } = found;
  return runPrograms(alonePrograms(alone, file), {
    signal,
    screen,
    prepare: ({ layoutFile }) => writeFileSync(layoutFile, layoutToJson(planAlone(alone)), { mode: 0o600 }),
    onReady: () => screen.print('\nCtrl-C ends all processes.\n'),
  });
}
