// For tests: the two ends of one region with a ring in it, over real memory, real tables and real doorbells. The guest's
// end is a region of the host with tables and doorbells the other way round, so that no server and no driver is needed.
import { createEventfd, DisposableStack, duplicateFd, type OwnedFd } from '@vsoc/native';
import { array, bytes, nested, struct, u32 } from '@vsoc/struct';
import type { RegionGrant } from '../../host/connection.js';
import { type HostRegion, openHostRegion } from '../../host/region.js';
import { defineRegion, planWindow, type RegionLayout, tailOf } from '../../layout/index.js';
import type { RingOptions } from '../ring.js';
import { ringWords } from '../words.js';

export interface RingRegionParts {
  readonly definition: ReturnType<typeof define>;
  readonly layout: RegionLayout;
  readonly windowBytes: number;
}

export function planRingRegion(log2Size: number): RingRegionParts {
  const definition = define(log2Size);
  const { regions, sizeBytes: windowBytes } = planWindow([definition], {});
  return { definition, layout: regions[0] as RegionLayout, windowBytes };
}

function define(log2Size: number) {
  return defineRegion({
    name: 'ring_test',
    version: { current: 1, minCompatible: 1 },
    doc: 'One ring from guest to host.',
    data: struct('ring_test_data', 'A ring and what must not be touched around it.', {
      before: array(u32({ doc: 'guard' }), 32, { doc: 'guard' }),
      ring: nested(ringWords('guest'), { doc: 'its words' }),
      after: array(u32({ doc: 'guard' }), 32, { doc: 'guard' }),
    }),
    tail: bytes('ring', { log2Size, doc: 'its bytes' }),
  });
}

export type EndRegion = HostRegion<RingRegionParts['definition']>;

export interface End extends Disposable {
  readonly region: EndRegion;
  /** No look of its own: a wake-up that is lost shall be missed. */
  readonly options: RingOptions;
}

export interface Doorbells {
  readonly guestToHost: OwnedFd;
  readonly hostToGuest: OwnedFd;
}

/** Takes ownership of the doorbells; the window's memory stays the caller's. */
export function openEnd(
  side: 'guest' | 'host',
  { definition, layout }: RingRegionParts,
  { window, doorbells }: { readonly window: SharedArrayBuffer; readonly doorbells: Doorbells },
): End {
  const { guestToHost, hostToGuest } = doorbells;
  const stack = new DisposableStack();
  stack.use(guestToHost);
  stack.use(hostToGuest);
  const turned = { ...layout, guestToHost: layout.hostToGuest, hostToGuest: layout.guestToHost };
  const doorbellsOfEnd =
    side === 'host'
      ? { guestToHostDoorbell: guestToHost, hostToGuestDoorbell: hostToGuest }
      : { guestToHostDoorbell: hostToGuest, hostToGuestDoorbell: guestToHost };
  const grant = { ...doorbellsOfEnd, [Symbol.dispose]: () => stack[Symbol.dispose]() };
  const region = openHostRegion(definition, {
    layout: side === 'host' ? layout : turned,
    window,
    grant: grant as unknown as RegionGrant, // no server: nothing to connect to
  });
  const place = tailOf(definition, layout);
  const options = { words: region.data.ring, place, recheckMs: Number.POSITIVE_INFINITY };
  return { region, options, [Symbol.dispose]: () => region[Symbol.dispose]() };
}

export interface Ends extends Disposable {
  readonly guest: End;
  readonly host: End;
  readonly window: SharedArrayBuffer;
}

/** Both ends in this process. */
export function openEnds(log2Size: number): Ends {
  const stack = new DisposableStack();
  const parts = planRingRegion(log2Size);
  const window = new SharedArrayBuffer(parts.windowBytes);
  const doorbells = { guestToHost: createEventfd(), hostToGuest: createEventfd() };
  const copies = {
    guestToHost: duplicateFd(doorbells.guestToHost.fd),
    hostToGuest: duplicateFd(doorbells.hostToGuest.fd),
  };
  const guest = stack.use(openEnd('guest', parts, { window, doorbells }));
  const host = stack.use(openEnd('host', parts, { window, doorbells: copies }));
  return { guest, host, window, [Symbol.dispose]: () => stack[Symbol.dispose]() };
}

/** As if so much had gone through the ring already: both cursors at `cursor`, everything else as in a new window. */
export function resetRing({ guest, window }: Ends, cursor: number): void {
  new Uint8Array(window).fill(0);
  const { writeCursor, readCursor } = guest.region.data.ring;
  writeCursor.store(cursor);
  readCursor.store(cursor);
}
