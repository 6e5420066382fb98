// What has to be written for a new HAL that is like a living one: its folder under the new name, and the few lines
// elsewhere that name each HAL. Pure: takes the repository's texts, gives the files to write.
import { refusalsOf } from './refusals.mjs';
import { renamer } from './rename.mjs';

const memoryModel = 'docs/memory-model.md';
const layers = 'tools/checks/layers.mjs';
const lockfile = 'pnpm-lock.yaml';
const syncPoint = /SYNC POINT\s+([a-z][a-z0-9-]*)/g;

const isCode = (path) => /\.m?ts$|\.mjs$/.test(path);
const regionsIn = (text) =>
  [...text.matchAll(/defineRegion\(\{\s*name: '([a-z0-9_]+)'/g)].map((match) => match[1]);

/** Folders of apps that say how they run alone: what can be copied. */
export function halsOf(texts) {
  const manifests = [...texts].flatMap(([path, text]) => {
    const folder = path.match(/^apps\/([^/]+)\/package\.json$/)?.[1];
    return folder && JSON.parse(text).exports?.['./alone'] ? [folder] : [];
  });
  return manifests.toSorted();
}

/**
 * @param {Map<string, string>} texts path → text of the whole repository
 * @param {{ name: string, like: string, keep?: string[] }} options `keep`: words that are not the HAL's to rename
 * @returns {{ refusals: string[], files: Map<string, string> }} no files where there are refusals
 */
export function copyHal(texts, { name, like, keep = [] }) {
  const inside = new Map([...texts].filter(([path]) => path.startsWith(`apps/${like}/`)));
  const packages = packagesOf(texts);
  const rename = renamer(like, name, [...packages, ...keep]);
  const refusals = refusalsOf(name, {
    like,
    rename,
    packages,
    hals: halsOf(texts),
    regions: regionsOf(texts, isSource),
    likeRegions: regionsOf(inside, isSource),
    likeWords: wordsOf(inside),
  });
  if (refusals.length > 0) return { refusals, files: new Map() };
  const points = ownSyncPoints(texts, inside);
  const renamePoint = (point) => {
    const renamed = rename('point', point);
    return renamed === point ? `${name}-${point}` : renamed;
  };
  // After the rest: what has the old name in it is renamed already, and is none of `points` any more.
  const renameText = (path, text) =>
    rename(path, text).replace(syncPoint, (whole, point) =>
      points.has(point) ? whole.replace(point, renamePoint(point)) : whole,
    );
  const copied = [...inside].map(([path, text]) => [rename('path', path), renameText(path, text)]);
  return {
    refusals,
    files: new Map([
      ...copied,
      [
        memoryModel,
        withRows(texts.get(memoryModel), points, (row, point) =>
          rename(memoryModel, row).replace(/^\| `[^`]+`/, `| \`${renamePoint(point)}\``),
        ),
      ],
      [layers, withLayers(texts.get(layers), like, rename)],
      [lockfile, withImporter(texts.get(lockfile), `apps/${like}`, `apps/${name}`)],
    ]),
  };
}

const isSource = (path) => /^(?:apps|packages)\/[^/]+\/src\/.*\.ts$/.test(path) && !path.endsWith('.test.ts');

function regionsOf(texts, filter) {
  return [...texts].filter(([path]) => filter(path)).flatMap(([, text]) => regionsIn(text));
}

function packagesOf(texts) {
  const manifests = [...texts].filter(([path]) =>
    /^(?:apps|packages|tools)\/(?:[^/]+\/)?package\.json$/.test(path),
  );
  return manifests.map(([, text]) => JSON.parse(text).name.replace('@vsoc/', ''));
}

/** Identifiers in the code of a HAL, comments and strings left out. */
function wordsOf(texts) {
  const code = [...texts].filter(([path]) => isCode(path)).map(([, text]) => text);
  const bare = code.map((text) => text.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'/g, ' '));
  return new Set(bare.flatMap((text) => text.match(/[A-Za-z_$][\w$]*/g) ?? []));
}

/** SYNC POINTs with both ends in this HAL; a copy has ends of its own, so they get names of their own. */
function ownSyncPoints(texts, inside) {
  const namesIn = (files) =>
    files.flatMap(([, text]) => [...text.matchAll(syncPoint)].map((match) => match[1]));
  const sources = [...texts].filter(([path]) => /^(?:apps|packages)\//.test(path) && isCode(path));
  const others = new Set(namesIn(sources.filter(([path]) => !inside.has(path))));
  return new Set(namesIn([...inside].filter(([path]) => isCode(path))).filter((point) => !others.has(point)));
}

/** The table with a copy of each row of `points`, behind the last of them. */
function withRows(text, points, copyRow) {
  const lines = text.split('\n');
  const rows = lines.flatMap((line, index) => {
    const point = line.match(/^\| `([a-z0-9-]+)` \|/)?.[1];
    return point && points.has(point) ? [{ index, copy: copyRow(line, point) }] : [];
  });
  if (rows.length > 0) lines.splice(rows.at(-1).index + 1, 0, ...rows.map(({ copy }) => copy));
  return lines.join('\n');
}

/** What a HAL may import beyond the others' is a line of its own in the table of layers. */
function withLayers(text, like, rename) {
  const lines = text.split('\n');
  const own = (line) => line.includes(`^apps\\/${like}\\/`);
  return lines.flatMap((line) => (own(line) ? [line, rename(layers, line)] : [line])).join('\n');
}

/** The lockfile knows each project's dependencies; the copy has the same ones, so nothing has to be resolved. */
function withImporter(text, from, to) {
  const [head, importers, tail] = text.split(/^(?=importers:$|packages:$)/m);
  const blocks = importers.split(/^(?= {2}\S)/m);
  const block = blocks.find((candidate) => candidate.startsWith(`  ${from}:`));
  if (!block) throw new Error(`${lockfile} has no importer ${from}: run pnpm install first`);
  const [title, ...projects] = [...blocks, block.replace(from, to)].map((b) => `${b.trimEnd()}\n\n`);
  return `${head}${title}${projects.toSorted().join('')}${tail}`;
}
