import { describe, expect, it } from 'vitest';
import { judge, newToken } from './access.js';

const token = 'ab'.repeat(16);
const port = 4321;
const fine = { target: `/${token}/`, host: '127.0.0.1:4321', origin: undefined, needsOrigin: false };
const judged = (changes: Partial<Parameters<typeof judge>[0]>) => judge({ ...fine, ...changes }, port, token);

describe('allowed', () => {
  it.each([
    ['the page', {}, { path: '', query: '' }],
    ['by the other name', { host: 'localhost:4321' }, { path: '' }],
    ['with a query', { target: `/${token}/?bare` }, { path: '', query: '?bare' }],
    ['without the last slash', { target: `/${token}?bare` }, { path: undefined, query: '?bare' }],
    ['a file', { target: `/${token}/assets/a.js` }, { path: 'assets/a.js' }],
    ['dots stay what they are: a name that no file has', { target: `/${token}/../x` }, { path: '../x' }],
    ['own origin', { origin: 'http://localhost:4321', needsOrigin: true }, { path: '' }],
  ])('%s', (_, changes, expected) => {
    expect(judged(changes)).toMatchObject({ allowed: true, ...expected });
  });
});

describe('refused', () => {
  it.each([
    ['no Host', { host: undefined }, 'Host is missing, expected one of 127.0.0.1:4321, localhost:4321.'],
    ['a rebound name', { host: 'evil.example:4321' }, 'Host is evil.example:4321'],
    ['another port', { host: '127.0.0.1:4322' }, 'Host is 127.0.0.1:4322'],
    ['a longer name', { host: '127.0.0.1:4321.evil.example' }, 'Host is'],
    ['a foreign origin', { origin: 'http://evil.example' }, 'Origin is http://evil.example'],
    ['an opaque origin', { origin: 'null' }, 'Origin is null'],
    ['https', { origin: 'https://127.0.0.1:4321' }, 'Origin is https'],
    ['no origin where one is due', { needsOrigin: true }, 'Origin is missing'],
    ['no token', { target: '/' }, 'The address lacks the right token'],
    ['another token', { target: `/${'ba'.repeat(16)}/` }, 'The address lacks the right token'],
    ['half a token', { target: `/${token.slice(0, 16)}/` }, 'The address lacks the right token'],
    ['a token further on', { target: `//${token}/` }, 'The address lacks the right token'],
    ['a whole address as target', { target: `http://x/${token}/` }, 'The address lacks the right token'],
  ])('%s', (_, changes, text) => {
    expect(judged(changes)).toMatchObject({ allowed: false, text: expect.stringContaining(text) });
  });
});

it('tokens have 128 bits and differ', () => {
  expect(newToken()).toMatch(/^[0-9a-f]{32}$/);
  expect(newToken()).not.toBe(newToken());
});
