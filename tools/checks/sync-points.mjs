// SYNC POINT comments come in pairs: one where memory is released, one where it is acquired, same name on
// both, and a row for the name in docs/memory-model.md. A lone end is a barrier that nobody pairs with.
const table = 'docs/memory-model.md';
const sides = ['release', 'acquire'];

/** Every `SYNC POINT name (… side)` of a source, wherever the comment's line breaks fall. */
function pointsOf(path, text) {
  const found = text
    .replace(/\n\s*(?:\/\/|\*)\s*/g, ' ')
    .matchAll(/SYNC POINT\s+([a-z][a-z0-9-]*)\s*(\([^)]*\))?/g);
  return [...found].map(([, name, side = '']) => ({ path, name, side }));
}

/** @param {Map<string, string>} texts path → text @returns {string[]} problems */
export function checkSyncPoints(texts) {
  const sources = [...texts].filter(([path]) => /^(apps|packages)\/.*\.(ts|cc|h)$/.test(path));
  const points = sources.flatMap(([path, text]) => pointsOf(path, text));
  const rows = new Set(
    [...(texts.get(table) ?? '').matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((match) => match[1]),
  );
  const names = [...new Set(points.map(({ name }) => name))];
  const unmarked = points.filter(({ side }) => !/release|acquire/.test(side));
  return [
    ...unmarked.map(
      ({ path, name }) => `${path}: SYNC POINT ${name} does not say (release side) or (acquire side)`,
    ),
    ...names.flatMap((name) => problemsOf(name, points, rows)),
    ...[...rows]
      .filter((row) => !names.includes(row))
      .map((row) => `${table}: \`${row}\` is no SYNC POINT of any source`),
  ];
}

function problemsOf(name, points, rows) {
  const ends = points.filter((point) => point.name === name);
  const problems = sides
    .filter((side) => !ends.some((end) => end.side.includes(side)))
    .map(
      (side) => `SYNC POINT ${name}: no ${side} side (seen in ${ends.map(({ path }) => path).join(', ')})`,
    );
  if (ends.length < 2) problems.push(`SYNC POINT ${name}: one end only, in ${ends[0].path}`);
  if (!rows.has(name)) problems.push(`SYNC POINT ${name}: no row in ${table}`);
  return problems;
}
