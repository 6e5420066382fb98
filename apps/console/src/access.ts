/**
 * Who may talk to the console. The port is open to every program and every web page on this machine, so each
 * request needs the token (a page of somebody else cannot guess it), an exact Host (against DNS rebinding)
 * and, where browsers send one, an exact Origin.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface RequestFacts {
  /** As it came: '/TOKEN/path?query'. */
  readonly target: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Browsers send an Origin with every websocket; with a page that is typed in they do not. */
  readonly needsOrigin: boolean;
}

export type Judgement =
  /** `path` is what follows the token, '' for the page; undefined when the slash behind the token is missing. */
  | { readonly allowed: true; readonly path: string | undefined; readonly query: string }
  | { readonly allowed: false; readonly text: string };

/** 128 random bits, fit for an address. */
export function newToken(): string {
  return randomBytes(16).toString('hex');
}

export function judge(facts: RequestFacts, port: number, token: string): Judgement {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (facts.host === undefined || !hosts.includes(facts.host)) {
    return refusal(`Host is ${facts.host ?? 'missing'}, expected one of ${hosts.join(', ')}.`);
  }
  const origins = hosts.map((host) => `http://${host}`);
  const originIsFine = facts.origin === undefined ? !facts.needsOrigin : origins.includes(facts.origin);
  if (!originIsFine) {
    return refusal(`Origin is ${facts.origin ?? 'missing'}, expected one of ${origins.join(', ')}.`);
  }
  const [, given, path, query = ''] = facts.target.match(/^\/([^/?]*)(?:\/([^?]*))?(\?.*)?$/) ?? [];
  if (given === undefined || !isSame(given, token)) {
    return refusal('The address lacks the right token: open exactly the one that was printed at the start.');
  }
  return { allowed: true, path, query };
}

function refusal(text: string): Judgement {
  return { allowed: false, text };
}

/** In constant time, whatever the lengths: digests are compared. */
function isSame(given: string, token: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(token));
}
