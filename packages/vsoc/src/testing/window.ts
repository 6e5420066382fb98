// A window for a test: planned, formatted, in sealed memory, mapped once as every process maps it.
import { createSealedMemfd, DisposableStack, mapWindow, type OwnedFd } from '@vsoc/native';
import { atomicU32, bytes, struct } from '@vsoc/struct';
import {
  defineRegion,
  findRegion,
  formatWindow,
  pageBytes,
  planWindow,
  type RegionDefinition,
  type RegionLayout,
  system,
  type WindowLayout,
} from '../layout/index.js';
import { RegionMemory } from '../region-memory.js';

const words = {
  first: atomicU32({ signalledBy: 'both', doc: 'for waits and signals of both sides' }),
  second: atomicU32({ signalledBy: 'both', doc: 'another one' }),
};

/** Used whole. */
export const plain = defineRegion({
  name: 'plain',
  version: { current: 3, minCompatible: 2 },
  doc: 'A region that is nobody’s manager.',
  data: struct('plain_data', 'Two words.', words),
});

/** Owner words from the start of its data on. */
export const keeper = defineRegion({
  name: 'keeper',
  version: { current: 1, minCompatible: 1 },
  doc: 'Manages `areas`.',
  data: struct('keeper_data', 'Two words, then owner words.', words),
  tail: bytes('owners', { sizeBytes: 1024, doc: 'owner words' }),
});

export const areas = defineRegion({
  name: 'areas',
  version: { current: 1, minCompatible: 1 },
  doc: 'Handed out area by area.',
  managedBy: keeper.name,
  tail: bytes('areas', { sizeBytes: 8 * pageBytes, doc: 'areas' }),
});

/** A second manager with a region of its own. */
export const otherKeeper = defineRegion({ ...keeper, name: 'other_keeper', doc: 'Manages `other_areas`.' });
export const otherAreas = defineRegion({ ...areas, name: 'other_areas', managedBy: otherKeeper.name });

export const testRegions: readonly RegionDefinition[] = [
  system,
  plain,
  keeper,
  areas,
  otherKeeper,
  otherAreas,
];

export interface TestWindow extends Disposable {
  readonly layout: WindowLayout;
  readonly buffer: SharedArrayBuffer;
  readonly fd: OwnedFd;
  region(name: string): RegionLayout;
  /** Views of a region's bytes, refused once the window is disposed. */
  memory(name: string): RegionMemory;
}

export function openTestWindow(definitions = testRegions): TestWindow {
  using stack = new DisposableStack();
  const layout = planWindow(definitions);
  const fd = stack.use(createSealedMemfd('vsoc-test-window', layout.sizeBytes));
  const mapping = stack.use(mapWindow(fd.fd, layout.sizeBytes));
  const firstPage = new Uint8Array(pageBytes);
  formatWindow(layout, firstPage);
  new Uint8Array(mapping.buffer).set(firstPage);
  const owned = stack.move();
  return {
    layout,
    buffer: mapping.buffer,
    fd,
    region: (name) => findRegion(layout, name),
    memory(name) {
      const { beginOffset, endOffset } = findRegion(layout, name);
      return owned.use(new RegionMemory(name, mapping.buffer, beginOffset, endOffset));
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}
