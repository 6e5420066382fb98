// For programs that are to be killed at a certain step: they go there, say so, and do nothing more.
import type { MainContext } from '@vsoc/process';
import type { BufferReference } from '../protocol.js';

/** Reports where the program is; never resolves. What it holds must be held by the caller. */
export function stopAt(
  { report }: Pick<MainContext, 'report'>,
  step: string,
  reference?: BufferReference,
): Promise<never> {
  report({ at: step, reference });
  return new Promise(() => {});
}

/** The step of that name; throws where there is none. */
export function stepOf<Steps extends object>(steps: Steps, name: string | undefined): Steps[keyof Steps] {
  if (name !== undefined && Object.hasOwn(steps, name)) return steps[name as keyof Steps];
  throw new Error(`--until is one of ${Object.keys(steps).join(', ')}, not ${name}`);
}
