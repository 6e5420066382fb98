// Claims the first page of `lab_pages`: the owner word stands in `lab_keeper`, whose descriptor asks.
import type { GuestDevice, GuestRegion, Lease } from '@vsoc/vsoc/guest';
import { pageBytes } from '@vsoc/vsoc/layout';
import { type keeper, pages } from './regions.js';

export type PageClaim =
  | { readonly outcome: 'granted'; readonly lease: Lease }
  | { readonly outcome: 'contended' };

/** Rejects with the driver's errors other than EAGAIN. */
export async function claimPage(
  device: GuestDevice,
  manager: GuestRegion<typeof keeper>,
  ownedValue: number,
): Promise<PageClaim> {
  const page = await device.openManaged(pages);
  try {
    const { offsetOfRegionData: beginOffset } = await page.describe();
    const ownerOffset = manager.data.owners.at(0).value.offset;
    const area = { beginOffset, endOffset: beginOffset + pageBytes };
    const outcome = await manager.description.claim(page, { ...area, ownerOffset, ownedValue });
    if (outcome === 'granted') return { outcome, lease: await page.lease() };
    page[Symbol.dispose]();
    return { outcome };
  } catch (error) {
    page[Symbol.dispose]();
    throw error;
  }
}
