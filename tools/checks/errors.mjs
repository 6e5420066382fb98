// Every error that the driver, the server and the client libraries throw on purpose has a row in the error reference:
// operation, errno, meaning, what to do. A row that nothing throws any more is refused too. Codes and operations are
// read from the sources as text. Where the operation is a parameter, one of those that its file names must have a row,
// and where the file names none, any row with that errno.
const table = 'docs/error-reference.md';
const places = [
  /^packages\/vsoc\/src\/(?:driver|permissions|guest|host)\/[\w-]+\.ts$/,
  /^apps\/(?:guest-driver|ivshmem-server|audio|framebuffer|gralloc|heartbeat)\/src\/(?:bin\/)?[\w-]+\.ts$/,
];

const thrown = /\bVsocError\(\s*'(E[A-Z0-9]+)'\s*,\s*(?:'([^']+)'|([\w.]+))/g;
const constant = /\bop = (?:'([^']+)'|`([^`]+)`)/g;
const asArgument = /\bVsocError\(\s*[^,]+,\s*'([^']+)'|'(VSOC_[A-Z_]+)'/g;
/** Any other code in quotes: handed to a function that throws or answers with it. A comparison throws nothing. */
const quoted = /(?<!(?:===?|!==?|case) )'(E[A-Z][A-Z0-9]{2,})'/g;

/** What a template puts in is not part of the operation's name. */
const named = (text) => text.replace(/\$\{[^}]*\}/g, '…');

/** All that a source throws: a code with the operations that it may belong to. */
function errorsOf(path, text) {
  const code = text.replace(/^\s*(?:\/\/|\/?\*).*$/gm, (line) => ' '.repeat(line.length));
  const constants = [...code.matchAll(constant)].map((match) => ({
    at: match.index,
    op: named(match[1] ?? match[2]),
  }));
  const ops = [
    ...constants.map(({ op }) => op),
    ...[...code.matchAll(asArgument)].map((match) => match[1] ?? match[2]),
  ];
  const exact = [...code.matchAll(thrown)].map((match) => {
    const above = match[3] === 'op' ? constants.findLast(({ at }) => at < match.index)?.op : undefined;
    const op = match[2] ?? above;
    return { path, errno: match[1], ops: op === undefined ? ops : [op] };
  });
  const rest = code.replace(thrown, '');
  const loose = [...rest.matchAll(quoted)].map((match) => ({ path, errno: match[1], ops }));
  return [...exact, ...loose];
}

/** The rows of the reference: first cell the operation in backticks, second the errno's name. */
function rowsOf(text) {
  const rows = text.matchAll(/^\| `([^`]+)` \| (E[A-Z0-9]+) \|/gm);
  return [...rows].map(([, op, errno]) => ({ op, errno }));
}

/** @param {Map<string, string>} texts path → text @returns {string[]} problems */
export function checkErrors(texts) {
  const sources = [...texts].filter(
    ([path]) => places.some((place) => place.test(path)) && !path.endsWith('.test.ts'),
  );
  const errors = sources.flatMap(([path, text]) => errorsOf(path, text));
  const rows = rowsOf(texts.get(table) ?? '');
  const fits = ({ errno, ops }, row) => row.errno === errno && (ops.length === 0 || ops.includes(row.op));
  const has = (error) => rows.some((row) => fits(error, row));
  const isThrown = (row) => errors.some((error) => fits(error, row));
  const missing = errors
    .filter((error) => !has(error))
    .map(({ path, errno, ops }) => {
      const which = [...new Set(ops)].map((op) => `\`${op}\``).join(' or ') || 'any operation';
      return `${path}: ${errno} of ${which} has no row in ${table}`;
    });
  const stale = rows
    .filter((row) => !isThrown(row))
    .map(({ op, errno }) => `${table}: nothing throws ${errno} for \`${op}\``);
  return [...new Set([...missing, ...stale])];
}
