// Proof that dead links and dead anchors are refused.
import { expect, test } from 'vitest';
import { anchorsOf, checkLinks } from './links.mjs';

function check(files) {
  const texts = new Map(Object.entries(files));
  return checkLinks(texts, [...texts.keys(), 'docs/picture.png']);
}

test('files, folders, anchors and the web are accepted', () => {
  const links =
    '[a](docs/a.md) [b](docs) [c](docs/a.md#two-words) [d](#top) ![e](docs/picture.png) [f](https://x.org/y)';
  expect(
    check({ 'README.md': `# Top\n${links}\n`, 'docs/a.md': '## Two words\n[up](../README.md#top)\n' }),
  ).toEqual([]);
});

test.each([
  ['a missing file', '[a](docs/none.md)'],
  ['a missing heading', '[a](docs/a.md#none)'],
  ['a heading missing in the same file', '[a](#none)'],
  ['a reference to a missing file', '[a][1]\n\n[1]: docs/none.md'],
  ['a file outside the repository', '[a](../outside.md)'],
])('%s is refused', (_what, link) => {
  expect(check({ 'README.md': `# Top\n${link}\n`, 'docs/a.md': '# A\n' })).toHaveLength(1);
});

test('links inside code are not links', () => {
  expect(check({ 'README.md': '`[a](none.md)`\n\n```md\n[b](none.md)\n```\n' })).toEqual([]);
});

test('anchors are made as GitHub makes them', () => {
  expect(anchorsOf('# The `vsoc` ABI, v2\n## Same\n## Same\n```\n# no heading\n```\n')).toEqual([
    'the-vsoc-abi-v2',
    'same',
    'same-1',
  ]);
});
