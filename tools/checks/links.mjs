// Every relative link of a Markdown file leads to a file or folder of this repository, and its anchor to a
// heading there. Links to the web are left alone: a check must not need the network.
import { dirname, join } from 'node:path/posix';

const withoutCode = (text) => text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '');

/** GitHub's anchors: lower case, punctuation dropped, spaces to hyphens, -1, -2 … for repeated headings. */
export function anchorsOf(markdown) {
  const seen = new Map();
  const headings = [...withoutCode(markdown).matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map((match) => match[1]);
  return headings.map((heading) => {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = text.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

function linksOf(markdown) {
  const prose = withoutCode(markdown).replace(/`[^`\n]*`/g, '');
  const inline = prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g);
  const references = prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm);
  return [...inline, ...references]
    .map((match) => match[1])
    .filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link));
}

/** @param {Map<string, string>} texts path → text @param {string[]} paths all files, binary ones too */
export function checkLinks(texts, paths) {
  const folders = paths.flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i).join('/')));
  const known = new Set([...paths, ...folders]);
  const problemOf = (path, link) => {
    const [file, anchor] = link.split('#', 2);
    const target = file === '' ? path : join(dirname(path), decodeURIComponent(file)).replace(/\/$/, '');
    if (!known.has(target === '.' ? '' : target))
      return `${path}: link to '${link}', but there is no ${target}`;
    const text = texts.get(target);
    if (!anchor || !target.endsWith('.md') || anchorsOf(text).includes(anchor)) return undefined;
    return `${path}: link to '${link}', but ${target} has no such heading`;
  };
  const documents = [...texts].filter(([path]) => path.endsWith('.md'));
  return documents.flatMap(([path, text]) => linksOf(text).flatMap((link) => problemOf(path, link) ?? []));
}
