// The programs' script as a shell reads it.

import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { programsScript } from './init.js';

it('words reach the programs as they are, whatever is in them', () => {
  const words = ['a b', "it's", '$HOME', '"', '\\', '[{"x":"y"}]', ''];
  const script = programsScript([{ name: 'one', command: ['p', ...words] }], { LEVEL: "d'e" });
  const shell = `start() { for word; do printf '%s\\0' "$word"; done; printf '%s\\0' "$LEVEL"; }\n${script}`;
  const seen = execFileSync('sh', ['-c', shell], { encoding: 'utf8' }).split('\0').slice(0, -1);
  expect(seen).toEqual(['one', 'p', ...words, "d'e"]);
});
