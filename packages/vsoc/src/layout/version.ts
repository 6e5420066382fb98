/** Versions are between the halves of a HAL: both must find the other's oldest acceptable version good enough. */
import { VsocError } from '../errors.js';
import type { RegionDefinition } from './region.js';
import type { RegionLayout } from './window-layout.js';

export class VersionError extends VsocError {
  override readonly name = 'VersionError';

  constructor(detail: string) {
    super('EPROTO', 'checkVersion', detail);
  }
}

type RegionVersions = Pick<RegionLayout, 'index' | 'name' | 'currentVersion' | 'minCompatibleVersion'>;

/** Throws VersionError unless this half (`definition`) and the window's region understand each other. */
export function checkVersion(definition: Pick<RegionDefinition, 'version'>, region: RegionVersions): void {
  const { current, minCompatible } = definition.version;
  const where = `region ${region.index} (${region.name})`;
  if (region.minCompatibleVersion > current) {
    const expected = `a region that version ${current} understands`;
    throw new VersionError(
      `${where}: expected ${expected}, saw one that asks for at least ${region.minCompatibleVersion}`,
    );
  }
  if (minCompatible > region.currentVersion) {
    throw new VersionError(
      `${where}: expected at least version ${minCompatible}, saw ${region.currentVersion}`,
    );
  }
}
