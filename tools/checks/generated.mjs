// Parts of Markdown files that a program writes: between `<!-- generated:NAME -->` and `<!-- /generated -->`.
// `npm run generate` refreshes them, this check refuses a stale one. The texts come from tools/generate.mjs.
// A fenced example that shows the markers is no generated part: it is matched first, and left alone.
const fence = /^(`{3,}).*\n[\s\S]*?^\1$/;
const part = /(?<start><!-- generated:(?<name>[\w:-]+) -->\n)[\s\S]*?(?<end><!-- \/generated -->)/;
const block = new RegExp(`${fence.source}|${part.source}`, 'gm');
const opening = /<!-- generated:/g;

/** The same text with every block filled anew; an unknown name keeps what it has. */
export function refresh(text, contents) {
  return text.replace(block, (whole, ...rest) => {
    const { start, name, end } = rest.at(-1);
    return contents.has(name) ? `${start}\n${contents.get(name).trim()}\n\n${end}` : whole;
  });
}

/**
 * @param {Map<string, string>} texts path → text
 * @param {Map<string, string>} contents NAME → Markdown
 * @returns {string[]} problems
 */
export function checkGenerated(texts, contents) {
  const documents = [...texts].filter(([path]) => path.endsWith('.md'));
  return documents.flatMap(([path, text]) => {
    const prose = text.replace(new RegExp(`${fence.source}|\`[^\`\\n]*\``, 'gm'), '');
    const blocks = [...prose.matchAll(new RegExp(part, 'g'))];
    const unclosed = [...prose.matchAll(opening)].length - blocks.length;
    const unknown = blocks.filter(({ groups }) => !contents.has(groups.name));
    return [
      ...(unclosed > 0 ? [`${path}: ${unclosed} generated block without its <!-- /generated -->`] : []),
      ...unknown.map(
        ({ groups: { name } }) =>
          `${path}: nothing generates '${name}' (known: ${[...contents.keys()].join(', ')})`,
      ),
      ...(refresh(text, contents) === text
        ? []
        : [`${path}: generated part is stale, run: npm run generate`]),
    ];
  });
}
