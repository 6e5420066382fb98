// Nothing in the repository names the machine it was written on: no home or temporary folder, not the place
// of this checkout, no file outside it, no package registry but the default one.
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { dirname as folderOf, normalize } from 'node:path/posix';

const patterns = [
  { what: 'a home folder', pattern: /(?<![\w.~-])\/(?:home|Users)\/[\w.-]+/ },
  { what: "root's home folder", pattern: /(?<![\w.~/-])\/root\// },
  { what: 'a temporary file', pattern: /(?<![\w.~}-])\/(?:var\/)?tmp\/[\w.-]+/ },
  {
    what: 'a private host',
    pattern:
      /\/\/(?:[\w.-]+@)?(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+|\/\/[\w.-]+\.(?:local|lan|internal|corp)\b/,
  },
  { what: 'a registry', pattern: /^\s*(?:@[\w-]+:)?registry\s*[=:]|--registry[= ]|_auth[T]oken/m },
];

/** Folders that every system has and that say nothing of this one. */
const commonPlace = /^\/(?:home|mnt|opt|run|srv|tmp|usr|var|)\/$/;

/** The folders that only this machine has: the checkout, the one around it, the user's home. */
function machinePlaces(checkout) {
  const folder = checkout.replace(/\/$/, '');
  return [`${folder}/`, `${dirname(folder)}/`.replace('//', '/'), `${homedir()}/`].filter(
    (place) => !commonPlace.test(place),
  );
}

/** A `../…` that climbs out of the repository from the folder of its file, and is none of its own from there. */
function escapes(path, text, ownNames) {
  const climbs = [...text.matchAll(/(?<![\w.$})/])(?:\.\.\/)+([\w.-]+)/g)];
  return climbs
    .filter(
      ([climb, name]) => normalize(`${folderOf(path)}/${climb}`).startsWith('..') && !ownNames.has(name),
    )
    .map(([climb]) => climb);
}

/** @param {Map<string, string>} texts path → text @param {string} checkout absolute @returns {string[]} problems */
export function checkPlaces(texts, checkout) {
  const places = machinePlaces(checkout);
  const ownNames = new Set(['node_modules', ...[...texts.keys()].map((path) => path.split('/')[0])]);
  return [...texts].flatMap(([path, text]) => {
    if (path === 'pnpm-lock.yaml') return lockfileProblems(path, text);
    const named = patterns
      .filter(({ pattern }) => pattern.test(text))
      .map(({ what, pattern }) => `${what}: ${text.match(pattern)[0]}`);
    const here = places.filter((place) => text.includes(place)).map(() => 'a folder of this very machine');
    const outside = escapes(path, text, ownNames).map((climb) => `a file outside the repository: ${climb}`);
    return [...named, ...here, ...outside].map((problem) => `${path}: names ${problem}`);
  });
}

/** A lockfile made against the default registry has no address in it at all. */
function lockfileProblems(path, text) {
  const lines = text
    .split('\n')
    .filter((line) => /:\/\/|tarball:/.test(line) && !/^\s*deprecated:/.test(line));
  return lines.map((line) => `${path}: names a host: ${line.trim()}`);
}
