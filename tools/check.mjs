// Runs every check over the repository's files: one line for each, its problems under it, exit code 1 when
// there are any. Each check is a pure function with a test that proves what it refuses.
import { checkBoundaries } from './checks/boundaries.mjs';
import { checkErrors } from './checks/errors.mjs';
import { checkGenerated } from './checks/generated.mjs';
import { checkLinks } from './checks/links.mjs';
import { checkPlaces } from './checks/places.mjs';
import { checkSizes } from './checks/sizes.mjs';
import { checkSyncPoints } from './checks/sync-points.mjs';
import { generatedContents } from './generated-contents.mjs';
import { repositoryFiles, repositoryTexts, root } from './workspace.mjs';

const texts = repositoryTexts();
const contents = await generatedContents();
const results = {
  'import direction': checkBoundaries(texts),
  'sync points': checkSyncPoints(texts),
  'error reference': checkErrors(texts),
  links: checkLinks(texts, repositoryFiles()),
  'generated parts': checkGenerated(texts, contents),
  sizes: checkSizes(texts),
  'machine places': checkPlaces(texts, root),
};
for (const [name, problems] of Object.entries(results)) {
  console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  for (const problem of problems) console.log(`  ${problem}`);
}
process.exitCode = Object.values(results).some((problems) => problems.length > 0) ? 1 : 0;
