// Everything that can stand between generated markers in a Markdown file: `region:NAME`, the memory table of
// a region; `abi:structs` and `abi:ioctls`, the kernel interface; `wire:NAME`, a struct of the socket protocols.
// Read from the build (dist), so that documents and programs show the same bytes.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { windowPicture } from './window-picture.mjs';
import { projects, root } from './workspace.mjs';

async function load(path) {
  const file = join(root, path);
  if (!existsSync(file)) throw new Error(`${path} is missing: run npm run build first`);
  return import(pathToFileURL(file).href);
}

/** @returns {Promise<Map<string, string>>} NAME → Markdown */
export async function generatedContents() {
  const { emitMarkdown } = await load('packages/struct/dist/index.js');
  const layout = await load('packages/vsoc/dist/layout/index.js');
  const protocols = await Promise.all(
    ['host-protocol', 'channel-protocol'].map((name) => load(`packages/vsoc/dist/wire/${name}.js`)),
  );
  const hals = projects().filter(
    ({ manifest }) => manifest.exports?.['./layout'] && manifest.name !== '@vsoc/vsoc',
  );
  const modules = await Promise.all(hals.map(({ folder }) => load(`${folder}/dist/layout.js`)));
  const regions = [layout, ...modules].flatMap(exportsWith('name', 'version', 'data'));
  const structsOf = exportsWith('cName', 'fields');
  const structs = structsOf(layout).map(
    (type) => `## ${type.cName}\n\n${type.doc} ${type.size} bytes.\n\n${emitMarkdown(type)}`,
  );
  const messages = protocols
    .flatMap(structsOf)
    .map((type) => [`wire:${type.cName}`, `${type.doc} ${type.size} bytes.\n\n${emitMarkdown(type)}`]);
  const ioctls = Object.entries(layout.ioctlNumber).map(
    ([name, number]) => `| \`${name}\` | \`${layout.hex(number)}\` |`,
  );
  return new Map([
    ['window:demo', await demoPicture(layout)],
    ...regions.map((region) => [`region:${region.name}`, layout.regionTable(region)]),
    ...messages,
    ['abi:structs', structs.join('\n')],
    ['abi:ioctls', ['| ioctl | number |', '| --- | --- |', ...ioctls].join('\n')],
  ]);
}

/** The demo's window, planned as `npm run demo` plans it. */
async function demoPicture(layout) {
  const { demoRegions } = await load('apps/console/dist/regions.js');
  const { demoWindow } = await load('apps/demo/dist/window.js');
  const definitions = new Map(demoRegions.map((definition) => [definition.name, definition]));
  return windowPicture(layout.planWindow(demoRegions, demoWindow), definitions, layout.hex);
}

/** Picks a module's exports that have these properties: schemas are plain objects, told apart by their form. */
function exportsWith(...properties) {
  const fits = (value) =>
    typeof value === 'object' && value !== null && properties.every((name) => name in value);
  return (module) => Object.values(module).filter(fits);
}
