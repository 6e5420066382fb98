// What the two ends of a stream need of their region; the regions of both sides satisfy it.
import type { View } from '@vsoc/struct';
import type { RingRegion } from '@vsoc/vsoc/rings';
import type { StreamData } from './layout.js';

export interface StreamRegion extends RingRegion {
  readonly data: View<StreamData>;
}
