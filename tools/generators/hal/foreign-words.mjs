// Names that a HAL has from a package of somebody else's: they stay as they are when the HAL is renamed, although they may
// contain its name (a sound library has an `AudioBuffer`). Read from the declarations of what it depends on.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const isOwn = (name) => name.startsWith('@vsoc/');
const isDeclaration = (path) => /\.d\.[mc]?ts$/.test(path);

/** @param {string} folder of the HAL, absolute @param {string} name in kebab case @returns {string[]} identifiers */
export function foreignWords(folder, name) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const packages = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (dependency) => !isOwn(dependency),
  );
  const declarations = packages.flatMap((dependency) => {
    const place = join(folder, 'node_modules', dependency);
    if (!existsSync(place)) return [];
    const files = readdirSync(place, { recursive: true }).filter((path) => isDeclaration(path));
    return files.map((path) => readFileSync(join(place, path), 'utf8'));
  });
  const plain = name.replaceAll('-', '');
  const words = declarations.flatMap((text) => text.match(/[A-Za-z_$][\w$]*/g) ?? []);
  return [...new Set(words)].filter(
    (word) => word.toLowerCase().includes(plain) && word.length > plain.length,
  );
}
