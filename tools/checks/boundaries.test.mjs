// Proof that the import check refuses what it must, and lets through what the architecture allows.
import { expect, test } from 'vitest';
import { checkBoundaries, specifiersOf } from './boundaries.mjs';

const check = (files) => checkBoundaries(new Map(Object.entries(files)));
const importing = (specifier) => `import { x } from '${specifier}';\n`;

test.each([
  ['packages/struct/src/field.ts', 'node:fs'],
  ['packages/native/src/index.ts', '@vsoc/vsoc'],
  ['packages/vsoc/src/layout/plan.ts', '@vsoc/native'],
  ['packages/vsoc/src/layout/plan.ts', 'node:buffer'],
  ['packages/vsoc/src/layout/plan.ts', '../wait.js'],
  ['packages/vsoc/src/host/client.ts', '@vsoc/gralloc/layout'],
  ['packages/video-stream/src/server.ts', '@vsoc/vsoc/layout'],
  ['apps/gralloc/src/layout.ts', '@vsoc/vsoc/guest'],
  ['apps/framebuffer/src/guest.ts', '@vsoc/gralloc/guest'],
  ['apps/framebuffer/src/guest.ts', '../../gralloc/src/guest.js'],
  ['apps/framebuffer/src/host.ts', 'sharp'],
  ['apps/framebuffer/src/host.ts', '@vsoc/video-stream'],
  ['apps/framebuffer/src/guest.ts', '@vsoc/testkit'],
  ['apps/ivshmem-server/src/server.ts', '@vsoc/framebuffer/layout'],
  ['packages/vsoc/src/host/client.ts', 'left-pad'],
  ['packages/unheard-of/src/index.ts', 'node:fs'],
])('%s may not import %s', (path, specifier) => {
  expect(check({ [path]: importing(specifier) })).toHaveLength(1);
});

test.each([
  ['packages/vsoc/src/layout/plan.ts', '@vsoc/struct'],
  ['packages/vsoc/src/layout/plan.test.ts', 'vitest'],
  ['apps/gralloc/src/layout.ts', '@vsoc/vsoc/layout'],
  ['apps/framebuffer/src/guest.ts', '@vsoc/vsoc/guest'],
  ['apps/framebuffer/src/bin/host.ts', '@vsoc/video-stream'],
  ['apps/framebuffer/test/e2e.test.ts', '@vsoc/testkit'],
  ['apps/player/src/player.ts', '@vsoc/framebuffer/guest'],
])('%s may import %s', (path, specifier) => {
  expect(check({ [path]: importing(specifier) })).toEqual([]);
});

test('a half that imports the other half is refused', () => {
  const files = { 'apps/gralloc/src/guest.ts': importing('./host.js'), 'apps/gralloc/src/host.ts': '' };
  expect(check(files)).toEqual(['apps/gralloc/src/guest.ts: reaches both the guest and the host half']);
});

test('a half that reaches the other half through a third module is refused', () => {
  const files = {
    'apps/gralloc/src/guest.ts': importing('./shared.js'),
    'apps/gralloc/src/shared.ts': importing('@vsoc/vsoc/host'),
  };
  expect(check(files)).toEqual(['apps/gralloc/src/guest.ts: reaches both the guest and the host half']);
});

test('what tests are made of may try both halves', () => {
  const files = {
    'packages/testkit/src/rig.ts': `${importing('@vsoc/vsoc/guest')}${importing('@vsoc/vsoc/host')}`,
  };
  expect(check(files)).toEqual([]);
});

test('the guest composition root may not take a host half', () => {
  expect(check({ 'apps/player/src/player.ts': importing('@vsoc/framebuffer/host') })).toHaveLength(1);
});

test('every form of import is seen, comments are not', () => {
  const text = [
    "import a from 'a';",
    "import type { B } from 'b';",
    "import 'c';",
    "export { d } from 'd';",
    "import {\n  e,\n} from 'e';",
    "const f = await import('f');",
    "// import g from 'g';",
    " * import h from 'h';",
    "test('numbers from ', () => same('a'));",
  ].join('\n');
  expect(specifiersOf(text)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});
