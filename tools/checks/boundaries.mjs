// Import direction: struct ← vsoc ← layout ← guest | host. Reads the import specifiers of every source and
// holds them against the table in layers.mjs; a second rule follows relative imports and refuses a module that
// reaches both halves.
import { dirname, join } from 'node:path/posix';
import { inTests, layers } from './layers.mjs';

const isTest = (path) => /\.test\.ts$|^[^/]+\/[^/]+\/test\//.test(path);
/** What only tests use tries both halves. */
const mayKnowBoth = (path) => isTest(path) || /^(?:tools|packages\/testkit)\//.test(path);
const isSource = (path) => /^(apps|packages|tools)\/[^/]+\/(src|test)\/.*\.m?ts$/.test(path);

const statement = /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/;
const bare = /^\s*import\s*['"]([^'"]+)['"]/;
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/;
const anyImport = new RegExp([statement, bare, dynamic].map(({ source }) => source).join('|'), 'gm');

/** What a source imports or re-exports, types and dynamic imports too; lines that are comments do not count. */
export function specifiersOf(text) {
  const code = text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  return [...code.matchAll(anyImport)].map((match) => match.slice(1).find(Boolean));
}

const targetOf = (path, specifier) => join(dirname(path), specifier).replace(/\.(m?)js$/, '.$1ts');
const allows = (entry, specifier) =>
  specifier === entry || specifier.startsWith(/[:/]$/.test(entry) ? entry : `${entry}/`);

function problemOf(path, specifier) {
  const project = path.split('/', 2).join('/');
  const layer = layers.find(({ where }) => where.test(path));
  if (!layer) return `${path}: no layer of tools/checks/layers.mjs covers it`;
  if (specifier.startsWith('.')) {
    const inside = isTest(path) ? [`${project}/`] : (layer.inside ?? [`${project}/`]);
    const stays = inside.some((place) => targetOf(path, specifier).startsWith(place));
    return stays ? undefined : `${path}: '${specifier}' leaves ${inside[0]}`;
  }
  const self = `@vsoc/${project.split('/')[1]}`;
  const may = isTest(path) ? [...new Set([...layer.may, ...inTests, self])] : layer.may;
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
  return [...new Set([own, root, ...imported])].filter(Boolean);
}

/** @param {Map<string, string>} texts path → text @returns {string[]} problems */
export function checkBoundaries(texts) {
  return [...texts.keys()].filter(isSource).flatMap((path) => {
    const problems = specifiersOf(texts.get(path)).map((specifier) => problemOf(path, specifier));
    const meets = !mayKnowBoth(path) && sidesOf(path, texts).length > 1;
    const met = meets ? `${path}: reaches both the guest and the host half` : undefined;
    return [...new Set([...problems, met])].filter(Boolean);
  });
}
