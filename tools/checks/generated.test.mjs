// Proof that a stale, unknown or unclosed generated part is refused, and that refreshing mends a stale one.
import { expect, test } from 'vitest';
import { checkGenerated, refresh } from './generated.mjs';

const contents = new Map([['region:beat', '| new |']]);
const page = (body) => `# Page\n\n<!-- generated:region:beat -->\n${body}<!-- /generated -->\n\ntext\n`;
const check = (text) => checkGenerated(new Map([['docs/page.md', text]]), contents);

test('a fresh part is accepted', () => {
  expect(check(page('\n| new |\n\n'))).toEqual([]);
});

test('a stale part is refused until it is refreshed', () => {
  expect(check(page('\n| old |\n\n'))).toEqual([
    'docs/page.md: generated part is stale, run: npm run generate',
  ]);
  expect(check(refresh(page('\n| old |\n\n'), contents))).toEqual([]);
});

test('a name that nothing generates is refused', () => {
  expect(check('<!-- generated:none -->\n<!-- /generated -->\n')).toHaveLength(1);
});

test('a part without its end is refused', () => {
  expect(check('<!-- generated:region:beat -->\n| new |\n')).toHaveLength(1);
});
