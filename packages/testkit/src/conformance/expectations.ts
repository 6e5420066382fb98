// How cases judge what came out of a half: plain functions that throw, so that they run with any test runner or none.

import { HalfError } from './messages.js';

/** What `promise` is rejected with; throws when it resolves. */
export async function rejection(promise: Promise<unknown>, what: string): Promise<HalfError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in outcome) throw new Error(`${what}: expected an error, got ${JSON.stringify(outcome.value)}`);
  if (outcome.error instanceof HalfError) return outcome.error;
  throw outcome.error;
}

/** Rejects when `promise` is not settled after `ms`; else it is as `promise` is. */
export function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not over after ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Documented errors have a code; anything else is a half that met what it did not expect. */
export function isDocumented(error: HalfError): boolean {
  return error.code !== undefined && /^E[A-Z0-9]+$/.test(error.code);
}
