// Proof that a file which names a machine is refused. The names are put together here, or the check would
// refuse this very file.
import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { checkPlaces } from './places.mjs';

const checkout = ['', 'builds', 'seven', 'checkout'].join('/');
const check = (text, path = 'docs/a.md') => checkPlaces(new Map([[path, text]]), checkout);
const slashed = (...parts) => `/${parts.join('/')}`;

test.each([
  ['a home folder', slashed('home', 'ann', 'x')],
  ["root's home folder", slashed('root', 'x')],
  ['this user’s home folder', `${homedir()}/x`],
  ['a temporary file', slashed('tmp', 'x')],
  ['the checkout', `${checkout}/README.md`],
  ['what lies beside the checkout', slashed('builds', 'seven', 'other')],
  ['a file outside the repository', ['..', '..', 'other', 'x'].join('/')],
  ['a private host', `http:/${slashed('10.1.2.3', 'x')}`],
  ['a registry', ['registry', 'https://example.org'].join('=')],
])('%s is refused', (_what, text) => {
  expect(check(`see ${text}\n`.replace('see registry', 'registry'))).not.toEqual([]);
});

test('a host in the lockfile is refused', () => {
  expect(check('  resolution: {tarball: https://example.org/a.tgz}\n', 'pnpm-lock.yaml')).toHaveLength(1);
});

test('system folders, addresses of the web and relative paths inside are accepted', () => {
  expect(
    check('/usr/bin/chromium, /dev/kvm, https://www.apache.org/licenses/, ../README.md, 127.0.0.1\n'),
  ).toEqual([]);
});
