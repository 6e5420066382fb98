// The hooks of fixtures/hooks.ts as vitest itself runs them: what is red, why, and what was closed all the same.
import { fileURLToPath } from 'node:url';
import { sharedByTests } from '@vsoc/testkit/hooks';
import { beforeAll, expect, test } from 'vitest';
import { startVitest, type TestCase, type TestSuite } from 'vitest/node';

const root = fileURLToPath(new URL('..', import.meta.url));
const config = fileURLToPath(new URL('../../../vitest.config.ts', import.meta.url));

const tests = new Map<string, TestCase>();
const errors = new Map<string, readonly string[]>();
beforeAll(async () => {
  const include = ['test/fixtures/hooks.ts'];
  const vitest = await startVitest('test', [], { root, config, include, watch: false, reporters: [{}] });
  process.exitCode = undefined; // its tests were to fail
  const messages = (of: TestCase | TestSuite) =>
    ('errors' in of ? of.errors() : (of.result().errors ?? [])).map(({ message }) => message);
  for (const module of vitest.state.getTestModules()) {
    for (const suite of module.children.allSuites()) errors.set(suite.name, messages(suite));
    for (const one of module.children.allTests()) {
      tests.set(one.name, one);
      errors.set(one.name, messages(one));
    }
  }
  await vitest.close();
});

const aDescriptor = /^left behind:\ndescriptor \d+ → \/dev\/zero$/;

test('a test that leaves a descriptor is red, and only that one', () => {
  expect(errors.get('leaves a descriptor')).toEqual([expect.stringMatching(aDescriptor)]);
  for (const name of ['leaves nothing, thanks to a hook of its own', 'comes after a leak'])
    expect(tests.get(name)?.result().state).toBe('passed');
  expect(errors.get('guarded')).toEqual([]);
});

test('what is shared is there for the tests, and is closed in reverse order', () => {
  expect(errors.get('both are there')).toEqual([]);
  expect(tests.get('what was closed')?.meta()).toMatchObject({
    closed: ['second, after first', 'first', 'outer', 'leaky', 'fresh 1', 'fresh 2'],
  });
});

test('what is fresh is there for the hooks of a test, another one for each, and the guard sees what it leaves', () => {
  expect(errors.get('has one')).toEqual([]);
  expect(errors.get('has another one, which leaves a descriptor')).toEqual([
    expect.stringMatching(aDescriptor),
  ]);
});

test('when the next one cannot be opened no test runs, and what was opened is closed', () => {
  expect(errors.get('shared, in vain')).toEqual(['no room beside outer']);
  expect(tests.get('never runs')?.result().state).toBe('skipped');
});

test('what its closing leaves behind makes the file red', () => {
  expect(errors.get('shared, and left behind')).toEqual([expect.stringMatching(aDescriptor)]);
  expect(errors.get('runs')).toEqual([]);
});

const early = sharedByTests(() => ({ name: 'early', [Symbol.dispose]() {} }));
let seenEarly: unknown;
try {
  early.name;
} catch (error) {
  seenEarly = error;
}

test('a stand-in refuses to be read too early, to be written and to be spread', () => {
  expect(seenEarly).toEqual(new Error('what tests have is there while they run, neither before nor after'));
  expect(early.name).toBe('early');
  expect(() => Object.assign(early, { name: 'other' })).toThrow(TypeError);
  expect(() => ({ ...early })).toThrow('what tests have is read member by member');
});
