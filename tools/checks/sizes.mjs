// Files stay small enough to be read in one go: 250 lines, 200 for the layout and the halves of a HAL, and 60 for those of
// the HAL that exists to be copied.
// A longer file needs a reason here, in one line that a reader can judge.
const limitLines = 250;
const halfLimitLines = 200;
const templateLimitLines = 60;

/** path → why it may be longer. An entry that is no longer needed is refused too. */
export const reasons = {};

const isSource = (path) => /\.(ts|mts|mjs|cc|h|c|css|html)$/.test(path) && !path.includes('/golden/');
const halfOf = (path) => path.match(/^apps\/([^/]+)\/src\/(?:layout|guest|host)\.ts$/)?.[1];
function limitOf(path) {
  const hal = halfOf(path);
  if (hal === undefined) return limitLines;
  return hal === 'heartbeat' ? templateLimitLines : halfLimitLines;
}
const linesOf = (text) => text.split('\n').length - (text.endsWith('\n') ? 1 : 0);

/** @param {Map<string, string>} texts path → text @returns {string[]} problems */
export function checkSizes(texts, excused = reasons) {
  const sources = [...texts].filter(([path]) => isSource(path));
  const long = new Map(
    sources
      .map(([path, text]) => ({
        path,
        lines: linesOf(text),
        limit: limitOf(path),
      }))
      .filter(({ lines, limit }) => lines > limit)
      .map((file) => [file.path, file]),
  );
  const unexplained = [...long.values()].filter(({ path }) => !(path in excused));
  return [
    ...unexplained.map(({ path, lines, limit }) => `${path}: ${lines} lines, expected at most ${limit}`),
    ...Object.keys(excused)
      .filter((path) => !long.has(path))
      .map((path) => `tools/checks/sizes.mjs: ${path} has a reason to be long, but is not`),
  ];
}
