// The same generator for `nx g @vsoc/tools:hal NAME --like HAL`. Nx hands over its tree, so --dry-run shows what would be
// written; what it needs of Nx is that one method, and no package of its own.
import { defaultLike, finish, nextSteps, planHal } from './write-hal.mjs';

/** Nx looks for this name when schema and factory say so. */
export function hal(tree, { name, like = defaultLike }) {
  const { refusals, files } = planHal({ name, like });
  if (refusals.length > 0) throw new Error(refusals.join('\n'));
  for (const [path, content] of files) tree.write(path, content);
  return () => {
    finish(name);
    console.log(nextSteps(name, like));
  };
}
