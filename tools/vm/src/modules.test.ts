// Module files that hold nothing but the note that names their dependencies.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { orderModules } from './modules.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vsoc-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, depends: string): void {
  mkdirSync(join(folder, 'kernel', name), { recursive: true });
  writeFileSync(
    join(folder, 'kernel', name, `${name}.ko`),
    `\x7fELF\0license=GPL\0depends=${depends}\0name=x\0`,
  );
}

const order = (...wanted: string[]) => orderModules(folder, wanted).map((path) => basename(path, '.ko'));

it('each module comes once, behind all that it depends on', () => {
  write('top', 'left,right');
  write('left', 'base');
  write('right', 'base');
  write('base', '');
  expect(order('top', 'left')).toEqual(['base', 'left', 'right', 'top']);
});

it('files are spelt with a hyphen where modules are called with an underscore', () => {
  write('vfio-pci', 'vfio_pci_core');
  write('vfio-pci-core', '');
  expect(order('vfio_pci')).toEqual(['vfio-pci-core', 'vfio-pci']);
});

it('one that is missing is named together with who needs it', () => {
  write('a', 'gone');
  expect(() => order('a')).toThrow('kernel module gone, needed by a, is not below');
});
