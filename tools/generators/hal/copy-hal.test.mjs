// What a new HAL adds to the repository, on a repository of a few lines, and every reason to refuse a name.
import { expect, it } from 'vitest';
import { copyHal, halsOf } from './copy-hal.mjs';

const manifest = (name, exports) => JSON.stringify({ name: `@vsoc/${name}`, exports });
const texts = new Map([
  ['apps/beat/package.json', manifest('beat', { './alone': {} })],
  ['apps/beat/src/layout.ts', "export const beat = defineRegion({\n  name: 'beat_out',\n});\n"],
  [
    'apps/beat/src/guest.ts',
    '// SYNC POINT said (release side).\nconst count = 1;\n// SYNC POINT shared (acquire side).\n',
  ],
  ['apps/beat/src/host.ts', '// SYNC POINT said (acquire side).\n'],
  ['apps/console/package.json', manifest('console', {})],
  ['packages/vsoc/src/x.ts', "defineRegion({ name: 'sound_out' }); // SYNC POINT shared (release side)"],
  ['packages/vsoc/package.json', manifest('vsoc', {})],
  ['docs/memory-model.md', '| `shared` | a | b |\n| `said` | the guest half of beat | c |\n\nAnd so on.\n'],
  [
    'tools/checks/layers.mjs',
    "  { where: /^apps\\/beat\\//, may: ['wav'] },\n  { where: /^apps\\//, may: core },\n",
  ],
  [
    'pnpm-lock.yaml',
    "version: '9'\n\nimporters:\n\n  .: {}\n\n  apps/beat:\n    dependencies:\n      a: 1\n\n  tools: {}\n\npackages:\n\n  x: y\n",
  ],
]);

it('a folder of apps that says how it runs alone can be copied', () => {
  expect(halsOf(texts)).toEqual(['beat']);
});

it('the copy is the folder and a line wherever each HAL has one', () => {
  const { refusals, files } = copyHal(texts, { name: 'a-bell', like: 'beat' });
  expect(refusals).toEqual([]);
  expect([...files.keys()]).toEqual([
    'apps/a-bell/package.json',
    'apps/a-bell/src/layout.ts',
    'apps/a-bell/src/guest.ts',
    'apps/a-bell/src/host.ts',
    'docs/memory-model.md',
    'tools/checks/layers.mjs',
    'pnpm-lock.yaml',
  ]);
  expect(files.get('apps/a-bell/src/layout.ts')).toBe(
    "export const aBell = defineRegion({\n  name: 'a_bell_out',\n});\n",
  );
  expect(files.get('docs/memory-model.md')).toBe(
    '| `shared` | a | b |\n| `said` | the guest half of beat | c |\n| `a-bell-said` | the guest half of a-bell | c |\n\nAnd so on.\n',
  );
  expect(files.get('tools/checks/layers.mjs')).toContain("  { where: /^apps\\/a-bell\\//, may: ['wav'] },\n");
  expect(files.get('pnpm-lock.yaml')).toBe(
    "version: '9'\n\nimporters:\n\n  .: {}\n\n  apps/a-bell:\n    dependencies:\n      a: 1\n\n  apps/beat:\n    dependencies:\n      a: 1\n\n  tools: {}\n\npackages:\n\n  x: y\n",
  );
});

it('a SYNC POINT with both ends in the HAL gets a name of its own, one that others share keeps its name', () => {
  const { files } = copyHal(texts, { name: 'a-bell', like: 'beat' });
  expect(files.get('apps/a-bell/src/guest.ts')).toContain('SYNC POINT a-bell-said (release side)');
  expect(files.get('apps/a-bell/src/host.ts')).toContain('SYNC POINT a-bell-said (acquire side)');
  expect(files.get('apps/a-bell/src/guest.ts')).toContain('SYNC POINT shared (acquire side)');
});

it.each([
  ['Bell', 'beat', "'Bell': expected lower-case words joined by hyphens"],
  ['bell-', 'beat', "'bell-': expected lower-case words"],
  ['2bells', 'beat', "'2bells': expected lower-case words"],
  ['../bell', 'beat', "'../bell': expected lower-case words"],
  ['bell', 'toaster', '--like toaster: expected one of beat'],
  ['bell', 'console', '--like console: expected one of beat'],
  ['console', 'beat', 'there is a package @vsoc/console already'],
  ['sound', 'beat', 'there is a region sound_out already'],
  ['count', 'beat', 'the code of beat calls something else count already'],
  ['yield', 'beat', 'yield is a word of the language'],
  ['twelve-bells', 'beat', 'beat_out would become twelve_bells_out, 16 bytes; a name has at most 15'],
])('%s like %s is refused: %s', (name, like, reason) => {
  const { refusals, files } = copyHal(texts, { name, like });
  expect(refusals.join('\n')).toContain(reason);
  expect(files.size).toBe(0);
});
