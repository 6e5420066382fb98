// Import direction: struct ← vsoc ← layout ← guest | host. Reads the import specifiers of every source and
// holds them against one table; a second rule follows relative imports and refuses a module that reaches
// both halves. Nothing is allowed by default: a new package says here what it may import.
import { dirname, join } from 'node:path/posix';

const core = ['@vsoc/struct', '@vsoc/vsoc', '@vsoc/native', '@vsoc/process', 'node:'];
const inTests = [...core, '@vsoc/testkit', 'vitest', 'fast-check'];

/** First match wins. `may` holds packages (`@vsoc/vsoc` covers its entry points) or the prefix `node:`. */
const layers = [
  { where: /^packages\/struct\//, may: [] },
  { where: /^packages\/native\//, may: ['node:'] },
  { where: /^packages\/vsoc\/src\/layout\//, may: ['@vsoc/struct'], inside: 'packages/vsoc/src/layout/' },
  { where: /^packages\/vsoc\//, may: ['@vsoc/struct', '@vsoc/native', 'node:'] },
  { where: /^packages\/process\//, may: ['@vsoc/native', 'pino', 'node:'] },
  { where: /^packages\/video-stream\//, may: ['@vsoc/struct', 'sharp', 'ws', 'node:'] },
  { where: /^packages\/testkit\//, may: inTests },
  {
    where: /^apps\/(player|console|demo)\/|^tools\/bench\//,
    may: ['@vsoc/', 'sharp', 'ws', 'playwright-core', 'node:'],
  },
  { where: /^apps\/[^/]+\/src\/layout\.ts$/, may: ['@vsoc/struct', '@vsoc/vsoc/layout'] },
  { where: /^apps\/[^/]+\/src\/bin\//, may: [...core, '@vsoc/video-stream', '@vsoc/audio-stream'] },
  { where: /^apps\//, may: core },
];

const isTest = (path) => /\.test\.ts$|^[^/]+\/[^/]+\/test\//.test(path);
const isSource = (path) => /^(apps|packages|tools)\/[^/]+\/(src|test)\/.*\.m?ts$/.test(path);

/** What a source imports or re-exports, types and dynamic imports too; lines that are comments do not count. */
export function specifiersOf(text) {
  const code = text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  const found = code.matchAll(/\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g);
  return [...found].map((match) => match[1] ?? match[2]);
}

const targetOf = (path, specifier) => join(dirname(path), specifier).replace(/\.(m?)js$/, '.$1ts');
const allows = (entry, specifier) =>
  specifier === entry || specifier.startsWith(/[:/]$/.test(entry) ? entry : `${entry}/`);

function problemOf(path, specifier) {
  const project = path.split('/', 2).join('/');
  const layer = layers.find(({ where }) => where.test(path));
  if (!layer) return `${path}: no layer of tools/checks/boundaries.mjs covers it`;
  if (specifier.startsWith('.')) {
    const inside = (!isTest(path) && layer.inside) || `${project}/`;
    return targetOf(path, specifier).startsWith(inside)
      ? undefined
      : `${path}: '${specifier}' leaves ${inside}`;
  }
  const self = `@vsoc/${project.split('/')[1]}`;
  const may = isTest(path) ? [...layer.may, ...inTests, 'ws', self] : layer.may;
  if (may.some((entry) => allows(entry, specifier))) return undefined;
  return `${path}: may not import '${specifier}' (allowed: ${may.join(', ') || 'nothing'})`;
}

/** The halves, 'guest' and 'host', that a module is or reaches through relative imports. */
function sidesOf(path, texts, seen = new Set()) {
  if (seen.has(path)) return [];
  seen.add(path);
  const own = path.match(/\/src\/(?:bin\/)?(guest|host)[/.]/)?.[1];
  const root = { player: 'guest', console: 'host' }[path.split('/')[1]];
  const imported = specifiersOf(texts.get(path) ?? '').flatMap((specifier) =>
    specifier.startsWith('.')
      ? sidesOf(targetOf(path, specifier), texts, seen)
      : (specifier.match(/^@vsoc\/.*\/(guest|host)$/)?.[1] ?? []),
  );
  return [...new Set([own, root, ...imported])].filter((side) => side !== undefined);
}

/** @param {Map<string, string>} texts path → text @returns {string[]} problems */
export function checkBoundaries(texts) {
  return [...texts.keys()].filter(isSource).flatMap((path) => {
    const problems = specifiersOf(texts.get(path)).map((specifier) => problemOf(path, specifier));
    const meets = !isTest(path) && !path.startsWith('tools/') && sidesOf(path, texts).length > 1;
    return [...problems, meets ? `${path}: reaches both the guest and the host half` : undefined].filter(
      Boolean,
    );
  });
}
