// What the tests' guest processes claim: pages of `areas`, each with an owner word of `keeper`.
import type { Description, GuestRegion } from '@vsoc/vsoc/guest';
import { pageBytes } from '@vsoc/vsoc/layout';
import type { Claim } from '@vsoc/vsoc/permissions';
import type { keeper } from './regions.js';

/** Pages [first, first + pages) with owner word number `first`; where the data begin the driver says. */
export async function claimOf(
  manager: GuestRegion<typeof keeper>,
  managed: Description,
  { first = 0, pages = 1, ownedValue = 1 } = {},
): Promise<Claim> {
  const { offsetOfRegionData } = await managed.describe();
  return {
    beginOffset: offsetOfRegionData + first * pageBytes,
    endOffset: offsetOfRegionData + (first + pages) * pageBytes,
    ownerOffset: manager.data.owners.at(first).value.offset,
    ownedValue,
  };
}
