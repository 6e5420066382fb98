// Where the console said that it can be reached, checked, since it is another process that said it.

export function addressOf(ready: ReadonlyMap<string, object>, key: 'url' | 'videoUrl'): string {
  const info: Partial<Record<typeof key, unknown>> = ready.get('console') ?? {};
  const address = info[key];
  if (typeof address !== 'string') {
    throw new Error(`console's ready message: expected ${key}, got ${JSON.stringify(info)}`);
  }
  return address;
}
