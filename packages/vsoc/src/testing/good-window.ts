// A window that parses, for the tests that change a number of its first page: two regions, of which the second is
// managed by the first, between region 0 and a plain one.
import { array, atomicU32, struct } from '@vsoc/struct';
import {
  defineRegion,
  formatWindow,
  LayoutError,
  type ParseOptions,
  pageBytes,
  parseWindow,
  planWindow,
  system,
  vsocDeviceRegion,
  vsocShmLayoutDescriptor,
} from '../layout/index.js';

const doc = 'x';
const version = { current: 2, minCompatible: 1 };
const words = (name: string) =>
  struct(`${name}_data`, doc, { words: array(atomicU32({ doc, signalledBy: 'both' }), 4, { doc }) });

export const goodLayout = planWindow([
  system,
  defineRegion({ name: 'manager', version, doc, data: words('manager') }),
  defineRegion({ name: 'memory', version, doc, managedBy: 'manager', data: words('memory') }),
  defineRegion({ name: 'plain', version, doc, data: words('plain') }),
]);

export function goodPage(): Uint8Array<ArrayBuffer> {
  const page0 = new Uint8Array(pageBytes);
  formatWindow(goodLayout, page0);
  return page0;
}

/** Of a region's record in a good page. */
export const recordOffset = (index: number) => vsocShmLayoutDescriptor.size + index * vsocDeviceRegion.size;

/** Why the page is refused; any other error than a refusal is thrown on. */
export function refusalOf(
  page0: Uint8Array,
  { sizeBytes = goodLayout.sizeBytes, ...options }: ParseOptions & { sizeBytes?: number } = {},
): string {
  try {
    parseWindow(page0, sizeBytes, options);
  } catch (error) {
    if (error instanceof LayoutError && error.code === 'EINVAL' && error.op === 'parseWindow')
      return error.message;
    throw error;
  }
  return 'accepted';
}
