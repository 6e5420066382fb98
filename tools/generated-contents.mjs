// Everything that can stand between generated markers in a Markdown file: `region:NAME`, the memory table of
// each HAL's region, and `abi`, the structs of the window's first page. Read from the build (dist), so that
// documents and programs show the same bytes.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projects, root } from './workspace.mjs';

async function load(path) {
  const file = join(root, path);
  if (!existsSync(file)) throw new Error(`${path} is missing: run npm run build first`);
  return import(pathToFileURL(file).href);
}

/** @returns {Promise<Map<string, string>>} NAME → Markdown */
export async function generatedContents() {
  const layout = await load('packages/vsoc/dist/layout/index.js');
  const hals = projects().filter(
    ({ manifest }) => manifest.exports?.['./layout'] && manifest.name !== '@vsoc/vsoc',
  );
  const modules = await Promise.all(hals.map(({ folder }) => load(`${folder}/dist/layout.js`)));
  const regions = [layout, ...modules].flatMap((module) => Object.values(module)).filter(isRegion);
  const tables = regions.map((region) => [`region:${region.name}`, layout.regionTable(region)]);
  return new Map(tables);
}

const isRegion = (value) =>
  typeof value === 'object' && value !== null && 'data' in value && 'version' in value;
