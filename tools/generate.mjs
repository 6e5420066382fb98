// `npm run generate`: writes the generated parts of the Markdown files anew and names the files it changed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refresh } from './checks/generated.mjs';
import { generatedContents } from './generated-contents.mjs';
import { repositoryTexts, root } from './workspace.mjs';

const contents = await generatedContents();
for (const [path, text] of repositoryTexts()) {
  const fresh = path.endsWith('.md') ? refresh(text, contents) : text;
  if (fresh === text) continue;
  writeFileSync(join(root, path), fresh);
  console.log(`refreshed ${path}`);
}
