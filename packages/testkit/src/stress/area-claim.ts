// The claim of the one area of the stress window.
import type { Description, GuestRegion } from '@vsoc/vsoc/guest';
import { pageBytes } from '@vsoc/vsoc/layout';
import type { Claim } from '@vsoc/vsoc/permissions';
import type { claimsRegion } from './region.js';

export interface AreaClaimOptions {
  readonly region: GuestRegion<typeof claimsRegion>;
  /** Which word of the manager says who holds the area: claims with different ones are not compatible. */
  readonly owner: 'owner' | 'otherOwner';
  readonly ownedValue: number;
}

export async function areaClaim(
  managed: Description,
  { region, owner, ownedValue }: AreaClaimOptions,
): Promise<Claim> {
  const { offsetOfRegionData: beginOffset } = await managed.describe();
  return {
    beginOffset,
    endOffset: beginOffset + pageBytes,
    ownerOffset: region.data[owner].offset,
    ownedValue,
  };
}
