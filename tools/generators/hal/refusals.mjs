// Why a name cannot be a HAL's, said before anything is written. Pure: takes what the workspace has, gives sentences.
import { formsOf } from './forms.mjs';

export const regionNameBytes = 15;

/** Words that TypeScript has taken and that the copied code may not happen to contain. */
const reserved =
  'abstract any arguments as async await boolean break case catch class const continue debugger declare default delete do else enum eval export extends false finally for from function get global if implements import in infer instanceof interface is keyof let module namespace never new null number object of package private protected public readonly require return satisfies set static string super switch symbol this throw true try type typeof undefined unique unknown using var void while with yield'.split(
    ' ',
  );

/** As a region's name, which a bare word would not tell. */
const regionName = (rename, region) => rename('region', `region:${region}`).slice('region:'.length);

/**
 * @param {string} name
 * @param {{ like: string, likeRegions: string[], likeWords: Set<string>, rename: (path: string, text: string) => string,
 *   hals: string[], packages: string[], regions: string[] }} workspace
 * @returns {string[]} what stands against it; empty for a good name
 */
export function refusalsOf(name, { like, likeRegions, likeWords, rename, hals, packages, regions }) {
  if (!hals.includes(like)) return [`--like ${like}: expected one of ${hals.join(', ')}`];
  if (!/^[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*$/.test(name)) {
    return [`'${name}': expected lower-case words joined by hyphens, such as rotation or rotation-sensor`];
  }
  const { camel } = formsOf(name);
  const newRegions = likeRegions.map((region) => ({ region, renamed: regionName(rename, region) }));
  return [
    ...(packages.includes(name) ? [`'${name}': there is a package @vsoc/${name} already`] : []),
    ...newRegions
      .filter(({ renamed }) => renamed.length > regionNameBytes)
      .map(
        ({ region, renamed }) =>
          `'${name}': the region ${region} would become ${renamed}, ${renamed.length} bytes; a name has at most ${regionNameBytes}`,
      ),
    ...newRegions
      .filter(({ renamed }) => regions.includes(renamed))
      .map(({ renamed }) => `'${name}': there is a region ${renamed} already`),
    ...(reserved.includes(camel) ? [`'${name}': ${camel} is a word of the language`] : []),
    ...(likeWords.has(camel) ? [`'${name}': the code of ${like} calls something else ${camel} already`] : []),
  ];
}
