// A host process's way in: maps the window once, opens regions through the ivshmem server.
import { assertSealed, DisposableStack, identifyFd, mapWindow } from '@vsoc/native';
import type { AbortOptions } from '../abort.js';
import { VsocError } from '../errors.js';
import {
  checkVersion,
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
import { type HostRegion, openHostRegion } from './region.js';

export interface HostDevice extends Disposable {
  readonly layout: WindowLayout;
  /** Aborted, with the reason, when the server is gone. */
  readonly lost: AbortSignal;
  /** The epoch in region 0 now: which life of the guest the window belongs to; 0 before the first guest. */
  guestEpoch(): number;
  /** Rejects with RegionNotFound (ENOENT), VersionError, or the server's own refusal. */
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
    // Epochs are read from region 0 itself; the notice only saves a wait on it.
    onGuestEpoch: () => {},
    onLost: (error) => losing.abort(error),
  };
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
    const region = await requestRegion(options.serverSocket, definition.name, events, opening);
    try {
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
    open,
    [Symbol.dispose]() {
      for (const region of regions) region[Symbol.dispose]();
      owned[Symbol.dispose]();
    },
  };
}

/** The region's record, checked against the half's version and against where the server says that it lies. */
function layoutOf(layout: WindowLayout, definition: RegionDefinition, grant: RegionGrant): RegionLayout {
  const region = layout.regions.find(({ name }) => name === definition.name);
  if (!region) throw new VsocError('ENOENT', 'open', `the window has no region ${definition.name}`);
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
