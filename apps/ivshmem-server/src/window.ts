// The window that the server owns: sealed memory, formatted once, and two doorbells a region. They belong to the
// window and not to a connection, nor to one process: whoever comes back, the server included, finds the same ones.
import { writeSync } from 'node:fs';
import {
  assertSealed,
  createEventfd,
  createSealedMemfd,
  DisposableStack,
  mapWindow,
  type OwnedFd,
  signalEventfd,
} from '@vsoc/native';
import {
  formatWindow,
  LayoutError,
  layoutToJson,
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

/** The descriptors that make a window. */
export interface WindowFds extends Disposable {
  readonly fd: OwnedFd;
  /** By region index, which is the interrupt vector. */
  readonly doorbells: readonly Doorbells[];
}

export interface ServedWindow extends WindowFds {
  readonly layout: WindowLayout;
  readonly buffer: SharedArrayBuffer;
  /** Makes guest and host processes look at a region again, whatever a host process that died left half done. */
  ringBoth(region: RegionLayout): void;
}

/** Creates, seals and formats. Nothing is mapped: a launcher that only keeps the descriptors has no use for it. */
export function createWindow(layout: WindowLayout): WindowFds {
  using stack = new DisposableStack();
  const fd = stack.use(createSealedMemfd('vsoc-window', layout.sizeBytes));
  const firstPage = new Uint8Array(pageBytes);
  formatWindow(layout, firstPage);
  writeSync(fd.fd, firstPage, 0, pageBytes, 0);
  const doorbells = layout.regions.map(() => ({
    guestToHost: stack.use(createEventfd()),
    hostToGuest: stack.use(createEventfd()),
  }));
  const owned = stack.move();
  return { fd, doorbells, [Symbol.dispose]: () => owned[Symbol.dispose]() };
}

/**
 * Maps a window and validates a private copy of its first page, be it fresh or handed over: it must be the one that
 * `layout` plans. Takes ownership of `fds`.
 */
export function openWindow(layout: WindowLayout, fds: WindowFds): ServedWindow {
  using stack = new DisposableStack();
  stack.use(fds);
  const sizeBytes = assertSealed(fds.fd.fd);
  const mapping = stack.use(mapWindow(fds.fd.fd, sizeBytes));
  const validated = parseWindow(new Uint8Array(mapping.buffer, 0, pageBytes).slice(), sizeBytes);
  checkSameLayout(layout, validated);
  const owned = stack.move();

  return {
    layout: validated,
    fd: fds.fd,
    buffer: mapping.buffer,
    doorbells: fds.doorbells,
    ringBoth(region) {
      const regionBytes = region.endOffset - region.beginOffset;
      const words = new Int32Array(mapping.buffer, region.beginOffset, regionBytes / 4);
      raise(signalTable({ words }, region.hostToGuest, regionBytes));
      const doorbells = fds.doorbells[region.index];
      if (!doorbells) return;
      signalEventfd(doorbells.hostToGuest.fd);
      signalEventfd(doorbells.guestToHost.fd);
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

/** Throws where a window is not the planned one; says of the first difference what each has. */
function checkSameLayout(planned: WindowLayout, found: WindowLayout): void {
  const plannedLines = layoutToJson(planned).split(/,?\n/);
  const foundLines = layoutToJson(found).split(/,?\n/);
  const differs = plannedLines.findIndex((line, index) => line !== foundLines[index]);
  if (differs < 0 && plannedLines.length === foundLines.length) return;
  const expected = plannedLines[differs]?.trim() ?? 'the end';
  const seen = foundLines[differs]?.trim() ?? 'the end';
  throw new LayoutError(
    'openWindow',
    `the window is not the planned one: line ${differs + 1} of the plan says ${expected}, the window ${seen}`,
  );
}
