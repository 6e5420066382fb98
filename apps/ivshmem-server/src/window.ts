// The window that the server owns: sealed memory, formatted once, and two doorbells a region. They belong to the
// window and not to a connection, so whoever comes back finds the same ones.
import {
  createEventfd,
  createSealedMemfd,
  DisposableStack,
  mapWindow,
  type OwnedFd,
  signalEventfd,
} from '@vsoc/native';
import {
  formatWindow,
  pageBytes,
  parseWindow,
  type RegionLayout,
  type WindowLayout,
} from '@vsoc/vsoc/layout';
import { raise, signalTable } from '@vsoc/vsoc/signalling';

export interface Doorbells {
  readonly guestToHost: OwnedFd;
  readonly hostToGuest: OwnedFd;
}

export interface ServedWindow extends Disposable {
  readonly layout: WindowLayout;
  readonly fd: OwnedFd;
  readonly buffer: SharedArrayBuffer;
  /** By region index, which is the interrupt vector. */
  readonly doorbells: readonly Doorbells[];
  /** Tells the guest to look at a region again, whatever a host process that died left half done. */
  ringGuest(region: RegionLayout): void;
}

/** Creates, seals, maps and formats; validates its own work before anybody else sees it. */
export function createWindow(layout: WindowLayout): ServedWindow {
  using stack = new DisposableStack();
  const fd = stack.use(createSealedMemfd('vsoc-window', layout.sizeBytes));
  const mapping = stack.use(mapWindow(fd.fd, layout.sizeBytes));
  const firstPage = new Uint8Array(pageBytes);
  formatWindow(layout, firstPage);
  const validated = parseWindow(firstPage, layout.sizeBytes);
  new Uint8Array(mapping.buffer, 0, pageBytes).set(firstPage);
  const doorbells = validated.regions.map(() => ({
    guestToHost: stack.use(createEventfd()),
    hostToGuest: stack.use(createEventfd()),
  }));
  const owned = stack.move();

  return {
    layout: validated,
    fd,
    buffer: mapping.buffer,
    doorbells,
    ringGuest(region) {
      const sizeBytes = region.endOffset - region.beginOffset;
      const words = new Int32Array(mapping.buffer, region.beginOffset, sizeBytes / 4);
      raise(signalTable({ words }, region.hostToGuest, sizeBytes));
      const doorbell = doorbells[region.index];
      if (doorbell) signalEventfd(doorbell.hostToGuest.fd);
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}
