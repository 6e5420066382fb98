// Parts of Markdown files that a program writes: between `<!-- generated:NAME -->` and `<!-- /generated -->`.
// `npm run generate` refreshes them, this check refuses a stale one. The texts come from tools/generate.mjs.
const block = /(<!-- generated:([\w:-]+) -->\n)([\s\S]*?)(<!-- \/generated -->)/g;
const opening = /<!-- generated:/g;

/** The same text with every block filled anew; an unknown name keeps what it has. */
export function refresh(text, contents) {
  return text.replace(block, (whole, start, name, _old, end) =>
    contents.has(name) ? `${start}\n${contents.get(name).trim()}\n\n${end}` : whole,
  );
}

/**
 * @param {Map<string, string>} texts path → text
 * @param {Map<string, string>} contents NAME → Markdown
 * @returns {string[]} problems
 */
export function checkGenerated(texts, contents) {
  const documents = [...texts].filter(([path]) => path.endsWith('.md'));
  return documents.flatMap(([path, text]) => {
    const prose = text.replace(/^```[\s\S]*?^```|`[^`\n]*`/gm, '');
    const blocks = [...prose.matchAll(block)];
    const unclosed = [...prose.matchAll(opening)].length - blocks.length;
    const unknown = blocks.filter(([, , name]) => !contents.has(name));
    return [
      ...(unclosed > 0 ? [`${path}: ${unclosed} generated block without its <!-- /generated -->`] : []),
      ...unknown.map(
        ([, , name]) => `${path}: nothing generates '${name}' (known: ${[...contents.keys()].join(', ')})`,
      ),
      ...(refresh(text, contents) === text
        ? []
        : [`${path}: generated part is stale, run: npm run generate`]),
    ];
  });
}
