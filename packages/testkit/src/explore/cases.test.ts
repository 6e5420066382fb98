// The real signalling, claims and rings in every interleaving of small cases, and the mistakes that these cases catch.
// Larger cases are in the full tier. What was explored is printed.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allCases, harmless, mutants, smallCases } from './cases/index.js';
import { type Case, type Exploration, explore, formatExploration } from './index.js';

const timeoutMs = 600_000;

async function explored(explorable: Case): Promise<Exploration> {
  const outcome = await explore(explorable);
  process.stderr.write(`${formatExploration(outcome)}\n`);
  return outcome;
}

describe('no interleaving loses a signal, a claim or a byte', () => {
  it.each(smallCases.map((explorable) => [explorable.name, explorable] as const))(
    '%s',
    async (_name, explorable) => {
      expect((await explored(explorable)).violation).toBeUndefined();
    },
    timeoutMs,
  );
});

describe('a mistake ends in a counterexample', () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    async (_name, mutant) => {
      expect((await explored(mutant)).violation).toBeDefined();
    },
    timeoutMs,
  );
});

describe('a deviation that loses nothing, because the words are the truth', () => {
  it.each(harmless.map((deviation) => [deviation.name, deviation] as const))(
    '%s',
    async (_name, deviation) => {
      expect((await explored(deviation)).violation).toBeUndefined();
    },
    timeoutMs,
  );
});

it('docs/exploration.md lists every case', () => {
  const page = readFileSync(new URL('../../../../docs/exploration.md', import.meta.url), 'utf8');
  expect(allCases.map(({ name }) => name).filter((name) => !page.includes(`| ${name} |`))).toEqual([]);
});
