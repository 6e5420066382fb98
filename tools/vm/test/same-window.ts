// A second window for the conformance suite where there can only be one: the same window, whose first page says for a
// while that its regions have other versions.

import { openDoorbells, type Rig } from '@vsoc/testkit/conformance';
import { formatWindow, pageBytes, type RegionDefinition, type WindowLayout } from '@vsoc/vsoc/layout';

/** Of the one that is there; ending it puts the first page right, and ends nothing. */
export async function sameWindow(rig: Rig, regions: readonly RegionDefinition[] = []): Promise<Rig> {
  await putFirstPage(rig, shifted(rig.layout, regions));
  const end = () => putFirstPage(rig, rig.layout);
  const guest = { ...rig.guest, isUp: true, boot: async () => {} };
  return { ...rig, guest, end, [Symbol.asyncDispose]: end };
}

function shifted(layout: WindowLayout, definitions: readonly RegionDefinition[]): WindowLayout {
  const regions = layout.regions.map((region) => {
    const version = definitions.find(({ name }) => name === region.name)?.version;
    if (!version) return region;
    return { ...region, currentVersion: version.current, minCompatibleVersion: version.minCompatible };
  });
  return { ...layout, regions };
}

async function putFirstPage({ serverSocket, layout: { regions } }: Rig, layout: WindowLayout): Promise<void> {
  using client = await openDoorbells(serverSocket, regions[0]?.name ?? '');
  formatWindow(layout, new Uint8Array(client.window, 0, pageBytes));
}
