// Kernel modules in the order of their dependencies, which each module file names itself.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What the guest needs beyond what is built into Debian's kernel. */
export const wantedModules = [
  'qemu_fw_cfg',
  'virtio_pci',
  'virtio_console',
  '9p',
  '9pnet_virtio',
  'vfio_pci',
  'vfio_iommu_type1',
] as const;

/** Files of `wanted` and of all that they depend on, each behind its dependencies. */
export function orderModules(modulesFolder: string, wanted: readonly string[]): string[] {
  const files = new Map<string, string>();
  for (const path of readdirSync(modulesFolder, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.ko')) files.set(moduleName(path), join(modulesFolder, path));
  }
  const ordered = new Set<string>();
  const visit = (name: string, neededBy: string) => {
    const path = files.get(name);
    if (!path) throw new Error(`kernel module ${name}, needed by ${neededBy}, is not below ${modulesFolder}`);
    if (ordered.has(path)) return;
    for (const dependency of dependenciesOf(path)) visit(dependency, name);
    ordered.add(path);
  };
  for (const name of wanted) visit(name, 'the guest');
  return [...ordered];
}

/** Modules are called with '_' wherever their file is spelt with '-'. */
function moduleName(path: string): string {
  return basename(path, '.ko').replaceAll('-', '_');
}

/** From the NUL-separated notes that every module carries. */
function dependenciesOf(path: string): string[] {
  const [, list = ''] = readFileSync(path, 'latin1').match(/\0depends=([^\0]*)\0/) ?? [];
  return list
    .split(',')
    .filter((name) => name !== '')
    .map(moduleName);
}
