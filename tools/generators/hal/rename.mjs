// Renames a HAL in a text: every form of its name, each into the same form of the new one. A light reader of TypeScript
// and Markdown tells code from comments, strings and fenced blocks, since a name of one word means different forms there.
import { formsOf, meantForm } from './forms.mjs';

const codePieces =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)/g;
const fences = /^```[\s\S]*?^```/gm;

/** Cuts a text into pieces that each stand in one kind of place. */
function piecesOf(path, text) {
  if (/\.[mc]?[jt]s$/.test(path))
    return cut(text, codePieces, (match) => (match[1] ? 'prose' : 'string'), 'code');
  if (path.endsWith('.md')) return cut(text, fences, () => 'fence', 'prose');
  return [{ place: 'prose', text }];
}

function cut(text, pattern, placeOf, otherwise) {
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    pieces.push({ place: otherwise, text: text.slice(end, match.index) });
    pieces.push(...insideTemplate(match[0], placeOf(match)));
    end = match.index + match[0].length;
  }
  return [...pieces, { place: otherwise, text: text.slice(end) }];
}

/** What a template literal puts in is code again. */
function insideTemplate(text, place) {
  if (place !== 'string' || !text.startsWith('`')) return [{ place, text }];
  return text
    .split(/(\$\{[^}]*\})/)
    .map((part) => ({ place: part.startsWith('${') ? 'code' : 'string', text: part }));
}

/**
 * @param {string} like @param {string} name both in kebab case
 * @param {string[]} keep words that contain the old name and stay: packages, and what packages of others declare
 * @returns {(path: string, text: string) => string}
 */
export function renamer(like, name, keep = []) {
  const from = formsOf(like);
  const to = formsOf(name);
  const own = new Set(Object.values(from));
  const kept = keep.filter((word) => !own.has(word));
  const lower = [...new Set([...kept, from.kebab, from.snake, from.camel, from.screaming])];
  // A lower-case form begins a word; Pascal case may stand inside one. A plural is renamed too.
  const pattern = new RegExp(
    `(?:(?<![A-Za-z0-9])(?:${lower.join('|')})|${from.pascal})(?=s?(?![a-z0-9]))(?<gap>(?:\x60? {2,})?)`,
    'g',
  );

  function renamePiece({ place, text }) {
    return text.replace(pattern, (whole, ...rest) => {
      const { gap } = rest.at(-1);
      const at = rest.at(-3);
      const found = whole.slice(0, whole.length - gap.length);
      if (kept.includes(found)) return whole;
      const around = { before: text.slice(0, at), after: text.slice(at + found.length), place };
      const renamed = to[meantForm(found, from, around)];
      return place === 'fence' ? padded(renamed, whole.length, gap) : `${renamed}${gap}`;
    });
  }
  return (path, text) => piecesOf(path, text).map(renamePiece).join('');
}

/** Keeps the columns of a drawing where there is room: what follows stays where it was. */
function padded(renamed, widthColumns, gap) {
  const [tick = ''] = gap.match(/^\x60/) ?? [];
  return gap === '' ? renamed : `${renamed}${tick}  `.padEnd(widthColumns);
}
