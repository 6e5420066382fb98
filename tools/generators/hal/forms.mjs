// One name in the forms that code has for it: a folder, a region, a variable, a type. The first two and the third look
// the same for a name of one word, so a text that says `heartbeat` does not tell which form is meant: its place does.

/** @param {string} name in kebab case */
export function formsOf(name) {
  const words = name.split('-');
  const capital = (word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  const pascal = words.map(capital).join('');
  return {
    kebab: name,
    snake: words.join('_'),
    camel: `${pascal.charAt(0).toLowerCase()}${pascal.slice(1)}`,
    pascal,
    screaming: words.join('_').toUpperCase(),
  };
}

/**
 * The form that is meant where `found` stands: its own when it has only one, else the one that its surroundings ask for.
 * @param {string} found one of the forms of `from`
 * @param {ReturnType<typeof formsOf>} from
 * @param {{ before: string, after: string, place: 'code' | 'string' | 'prose' | 'fence' }} around what stands before and
 *   behind it, and what kind of text it stands in
 */
export function meantForm(found, from, { before, after, place }) {
  const fitting = Object.keys(from).filter((form) => from[form] === found);
  if (fitting.length === 1) return fitting[0];
  const isRegion = /(?:golden\/|region:)$/.test(before) || /^ version \d/.test(after);
  if (isRegion || before.endsWith('_') || after.startsWith('_')) return 'snake';
  if (/^[A-Z]/.test(after)) return 'camel';
  if (/[/@-]$/.test(before) || /^[/-]/.test(after)) return 'kebab';
  if (place === 'code') return 'camel';
  if (/['`]$/.test(before) && /^['`]/.test(after)) return 'snake';
  const isInList = /[{[(,] ?$/.test(before) || /^(?:\.[a-z]| ?[\])},]| =)/.test(after);
  return place === 'fence' && isInList ? 'camel' : 'kebab';
}
