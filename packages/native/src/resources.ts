// The book of what is open: every descriptor, mapping and watch of this thread that nobody disposed yet.
// Tests read it to go red on a leak. It never releases anything: that is the owner's lexical duty.

export interface LiveResource {
  readonly kind: string;
  readonly what: string;
  /** Where it was made; empty unless VSOC_TRACK_LEAKS=1, since stacks cost microseconds each. */
  readonly stack: string;
}

const live = new Set<LiveResource>();
const withStacks = process.env.VSOC_TRACK_LEAKS === '1';

/** Enters a resource; the answer takes it out again. */
export function track(kind: string, what: string): () => void {
  const resource = { kind, what, stack: withStacks ? stackOf() : '' };
  live.add(resource);
  return () => {
    live.delete(resource);
  };
}

export function liveResources(): readonly LiveResource[] {
  return [...live];
}

function stackOf(): string {
  const lines = new Error().stack?.split('\n') ?? [];
  return lines.slice(3).join('\n'); // without the message, stackOf and track
}
