// A host process's way in: maps the window once, opens regions through the ivshmem server.
import { assertSealed, DisposableStack, identifyFd, mapWindow } from '@vsoc/native';
import type { AbortOptions } from '../abort.js';
import { VsocError } from '../errors.js';
import {
  checkVersion,
  findRegion,
  guestState,
  pageBytes,
  parseWindow,
  type RegionDefinition,
  type RegionLayout,
  system,
  type WindowLayout,
} from '../layout/index.js';
import { RegionMemory } from '../region-memory.js';
import type { SlowTimerMode } from '../signalling/index.js';
import { type ConnectionEvents, type RegionGrant, requestRegion } from './connection.js';
import { createGuestEpochs } from './guest-epochs.js';
import { type HostRegion, openHostRegion } from './region.js';

export interface HostDevice extends Disposable {
  readonly layout: WindowLayout;
  /** Aborted, with the reason, when the server is gone. */
  readonly lost: AbortSignal;
  /**
   * The epoch in region 0 now: which life of the guest the window belongs to; 0 before the first guest. A life that
   * ended keeps its number until the next one begins.
   */
  guestEpoch(): number;
  /**
   * The life of the guest that runs now, then each change, 0 while none runs; a slow reader misses those between.
   * Throws the reason of its signal, that of `lost` once the server is gone, EBADF after dispose. That a guest was killed
   * before this process connected is not known: its epoch comes first.
   */
  guestEpochs(options: { signal: AbortSignal }): AsyncIterable<number>;
  /** Rejects with the server's own refusal (ENOENT without such a region), VersionError, EBADF once disposed. */
  open<D extends RegionDefinition>(definition: D, options?: AbortOptions): Promise<HostRegion<D>>;
}

export interface HostOptions extends AbortOptions {
  /** The server's UNIX socket. */
  readonly serverSocket: string;
  /** 'on' when left out. */
  readonly slowTimer?: SlowTimerMode;
}

/** Connects, checks that the window is sealed, maps it and validates a private copy of its first page. */
export async function connectHost(options: HostOptions): Promise<HostDevice> {
  using stack = new DisposableStack();
  const losing = new AbortController();
  const events: ConnectionEvents = {
    onGuestEpoch: (epoch) => epochs.tell(epoch),
    onLost(error) {
      losing.abort(error);
      epochs.end(error);
    },
  };
  const epochs = createGuestEpochs(() =>
    systemData.guestState.load() === guestState.down ? 0 : systemData.guestEpoch.load(),
  );
  const grant = stack.use(await requestRegion(options.serverSocket, system.name, events, options));
  const mapping = stack.use(mapWindow(grant.window.fd, assertSealed(grant.window.fd)));
  const windowIdentity = identifyFd(grant.window.fd);
  const layout = parseWindow(new Uint8Array(mapping.buffer, 0, pageBytes).slice(), mapping.sizeBytes);
  const systemLayout = layoutOf(layout, system, grant);
  const memory = stack.use(
    new RegionMemory(system.name, mapping.buffer, systemLayout.beginOffset, systemLayout.endOffset),
  );
  const systemData = system.data.over(memory, systemLayout.dataOffset);

  /** The window behind a later answer must be the one that is mapped. */
  function checkSameWindow(later: RegionGrant): void {
    const identity = identifyFd(later.window.fd);
    if (identity.ino !== windowIdentity.ino || identity.dev !== windowIdentity.dev) {
      throw new VsocError(
        'ESTALE',
        'open',
        'the server hands out another window than the one that is mapped',
      );
    }
  }

  /** Open regions: their views must refuse before the window under them is gone. */
  const regions = new Set<Disposable>();

  async function open<D extends RegionDefinition>(
    definition: D,
    opening: AbortOptions = {},
  ): Promise<HostRegion<D>> {
    // Each connection is told of guests, at its own pace: one of them is heard, so that an old notice is none.
    const heard = { ...events, onGuestEpoch: () => {} };
    const region = await requestRegion(options.serverSocket, definition.name, heard, opening);
    try {
      if (mapping.closed) throw closed();
      checkSameWindow(region);
      const regionLayout = layoutOf(layout, definition, region);
      const opened: HostRegion<D> = openHostRegion(definition, {
        layout: regionLayout,
        window: mapping.buffer,
        grant: region,
        ...(options.slowTimer ? { slowTimer: options.slowTimer } : {}),
        onClose: () => regions.delete(opened),
      });
      regions.add(opened);
      return opened;
    } catch (error) {
      region[Symbol.dispose]();
      throw error;
    }
  }

  const owned = stack.move();
  return {
    layout,
    lost: losing.signal,
    guestEpoch: () => systemData.guestEpoch.load(),
    guestEpochs: (following) => epochs.follow(following),
    open,
    [Symbol.dispose]() {
      epochs.end(closed());
      for (const region of regions) region[Symbol.dispose]();
      owned[Symbol.dispose]();
    },
  };
}

const closed = () => new VsocError('EBADF', 'open', 'the device was closed');

/** The region's record, checked against the half's version and against where the server says that it lies. */
function layoutOf(layout: WindowLayout, definition: RegionDefinition, grant: RegionGrant): RegionLayout {
  const region = findRegion(layout, definition.name);
  if (region.beginOffset !== grant.beginOffset || region.endOffset !== grant.endOffset) {
    const said = `0x${grant.beginOffset.toString(16)}–0x${grant.endOffset.toString(16)}`;
    throw new VsocError(
      'EPROTO',
      'open',
      `the server puts ${definition.name} at ${said}, the window does not`,
    );
  }
  checkVersion(definition, region);
  return region;
}
