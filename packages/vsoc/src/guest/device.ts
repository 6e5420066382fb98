// A guest process's way in: a channel to guest-driver, the window mapped once, device nodes opened by name.
import { DisposableStack, type OwnedFd } from '@vsoc/native';
import { type AbortOptions, listenForAbort } from '../abort.js';
import { VsocError } from '../errors.js';
import { checkVersion, findRegion, pageBytes, parseWindow, type RegionDefinition } from '../layout/index.js';
import { type OpenAnswer, openNode } from './channel.js';
import { type Description, openDescription } from './description.js';
import { type GuestRegion, openGuestRegion } from './region.js';
import { doorbellOf, mapAnsweredWindow, windowPlace } from './window.js';

export interface GuestDevice extends Disposable {
  /** Which life of the guest this process belongs to. */
  readonly epoch: number;
  /** Aborted when the guest driver is gone: the guest has crashed, and its processes end. */
  readonly lost: AbortSignal;
  /** Opens a region's node. Rejects with ENOENT without such a node, VersionError, EBADF once the device is disposed. */
  open<D extends RegionDefinition>(definition: D, options?: AbortOptions): Promise<GuestRegion<D>>;
  /** Opens the node of a managed region: no access to memory before a permission is attached. */
  openManaged(definition: RegionDefinition, options?: AbortOptions): Promise<Description>;
  /** A token that another process sent; takes ownership of it. Anything else is refused by the driver on first use. */
  adopt(token: OwnedFd): Description;
}

export interface GuestOptions extends AbortOptions {
  /** Directory of the device nodes. */
  readonly deviceDirectory: string;
}

/** Rejects with ENOENT where no guest driver runs. */
export async function openGuest(options: GuestOptions): Promise<GuestDevice> {
  using stack = new DisposableStack();
  const controlSocket = `${options.deviceDirectory}/control`;
  const { answer, channel } = await openNode(controlSocket, options);
  stack.use(channel);
  const [window] = takeFds(answer, 1);
  stack.use(window);
  const mapping = stack.use(mapAnsweredWindow(answer, window));
  const place = windowPlace(answer, window, mapping.buffer);
  const layout = parseWindow(new Uint8Array(mapping.buffer, 0, pageBytes).slice(), mapping.sizeBytes);

  /**
   * open(2): the node's answer, its connection closed again, since the token is what lasts. `take` owns what it gets, and
   * comes in the same turn as the look at the device, which may be disposed in any other.
   */
  async function openToken<T>(
    name: string,
    opening: AbortOptions = {},
    take: (answer: OpenAnswer, token: OwnedFd, doorbell: OwnedFd) => T,
  ): Promise<T> {
    const node = await openNode(`${options.deviceDirectory}/${name}`, opening);
    node.channel[Symbol.dispose]();
    if (mapping.closed) {
      for (const fd of node.answer.fds) fd[Symbol.dispose]();
      throw new VsocError('EBADF', 'open', 'the device was closed meanwhile');
    }
    const [token, nodeWindow, doorbell] = takeFds(node.answer, 3);
    nodeWindow[Symbol.dispose]();
    return take(node.answer, token, doorbell);
  }

  // The next guest gives leased areas to somebody else.
  const losing = listenForAbort(channel.lost, () => disposeAll(place.views));

  /** Open regions. Their views, as those of leases, must refuse before the window under them is gone. */
  const regions = new Set<Disposable>();

  const owned = stack.move();
  return {
    epoch: answer.epoch,
    lost: channel.lost,
    async open<D extends RegionDefinition>(definition: D, abortOptions?: AbortOptions) {
      const region = findRegion(layout, definition.name);
      checkVersion(definition, region);
      return openToken(definition.name, abortOptions, (opened, token, doorbellFd) => {
        const opening: GuestRegion<D> = openGuestRegion(definition, {
          layout: region,
          window: mapping.buffer,
          channel,
          controlSocket,
          description: openDescription(channel, token, place),
          doorbell: doorbellOf(opened, doorbellFd),
          doorbellFd,
          onClose: () => regions.delete(opening),
        });
        regions.add(opening);
        return opening;
      });
    },
    openManaged: (definition, abortOptions) =>
      openToken(definition.name, abortOptions, (_, token, doorbell) => {
        doorbell[Symbol.dispose]();
        return openDescription(channel, token, place);
      }),
    adopt: (token) => openDescription(channel, token, place),
    [Symbol.dispose]() {
      losing[Symbol.dispose]();
      disposeAll(regions);
      disposeAll(place.views);
      owned[Symbol.dispose]();
    },
  };
}

function disposeAll(owned: ReadonlySet<Disposable>): void {
  for (const one of [...owned]) one[Symbol.dispose]();
}

/** Exactly `count` descriptors, or EPROTO with none kept. */
function takeFds<N extends 1 | 3>(answer: OpenAnswer, count: N): FdTuple[N] {
  if (answer.fds.length === count) return answer.fds as unknown as FdTuple[N];
  for (const fd of answer.fds) fd[Symbol.dispose]();
  const seen = `${answer.fds.length} descriptors`;
  throw new VsocError('EPROTO', 'open', `the guest driver answered with ${seen} instead of ${count}`);
}

interface FdTuple {
  1: readonly [OwnedFd];
  3: readonly [OwnedFd, OwnedFd, OwnedFd];
}
