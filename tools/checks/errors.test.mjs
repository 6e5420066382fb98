// Proof that an error without its row, and a row without its error, are refused.
import { expect, test } from 'vitest';
import { checkErrors } from './errors.mjs';

const driver = 'packages/vsoc/src/driver/ioctl.ts';
const reference = 'docs/error-reference.md';
const row = (op, errno) => `| \`${op}\` | ${errno} | when | what to do |\n`;
const check = (files) => checkErrors(new Map(Object.entries(files)));

test('an error with its row is accepted', () => {
  const source = "throw new VsocError('EBUSY', 'VSOC_MAYBE_SEND', 'posted already');\n";
  expect(check({ [driver]: source, [reference]: row('VSOC_MAYBE_SEND', 'EBUSY') })).toEqual([]);
});

test('a new error without a row is refused', () => {
  const source = "throw new VsocError('EBUSY', 'VSOC_MAYBE_SEND', 'posted already');\n";
  expect(check({ [driver]: source, [reference]: row('VSOC_OTHER', 'EBUSY') })).toEqual([
    `${driver}: EBUSY of \`VSOC_MAYBE_SEND\` has no row in ${reference}`,
    `${reference}: nothing throws EBUSY for \`VSOC_OTHER\``,
  ]);
});

test('an operation kept in a constant is the nearest one above', () => {
  const source = [
    "const op = 'VSOC_CREATE';\n  throw new VsocError('EPERM', op, 'a');\n",
    `const op = \`open \${name}\`;\n  throw new VsocError(\n    'EPROTO',\n    op,\n    'b',\n  );\n`,
  ].join('');
  const rows = row('VSOC_CREATE', 'EPERM') + row('open …', 'EPROTO');
  expect(check({ [driver]: source, [reference]: rows })).toEqual([]);
  expect(check({ [driver]: source, [reference]: row('VSOC_CREATE', 'EPROTO') })).toHaveLength(3);
});

test('a code handed to a function needs a row with one of the operations of its file', () => {
  const source = "const op = 'VSOC_COND_WAIT';\nend('ETIMEDOUT', wakes);\n";
  expect(check({ [driver]: source, [reference]: row('VSOC_COND_WAIT', 'ETIMEDOUT') })).toEqual([]);
  expect(check({ [driver]: source, [reference]: '' })).toEqual([
    `${driver}: ETIMEDOUT of \`VSOC_COND_WAIT\` has no row in ${reference}`,
  ]);
});

test('comparisons, comments, tests and other folders throw nothing', () => {
  const source = "// 'EIO' once\nif (error.code === 'ENOENT' || error.code !== 'EIO') return;\n";
  const thrower = "throw new VsocError('EIO', 'read', 'no');\n";
  const files = {
    [driver]: source,
    'packages/vsoc/src/driver/ioctl.test.ts': thrower,
    'packages/vsoc/src/rings/ring.ts': thrower,
    [reference]: '',
  };
  expect(check(files)).toEqual([]);
});
