// A guest process on a guest driver without sockets: tokens are pipes as in the real one, requests go straight to the
// driver, and its answers come back in a later turn of the loop.
import { createEventfd, createPipe, DisposableStack, identifyFd, type OwnedFd, watch } from '@vsoc/native';
import type * as driver from '../driver/index.js';
import { VsocError } from '../errors.js';
import type { Answer, Channel, ChannelCall } from '../guest/channel.js';
import { type Description, openDescription } from '../guest/description.js';
import { type GuestRegion, openGuestRegion } from '../guest/region.js';
import type { WindowPlace } from '../guest/window.js';
import type { RegionDefinition } from '../layout/index.js';
import { type DriverWorld, openDriverWorld } from './driver-world.js';

export interface GuestWorld extends Disposable {
  readonly world: DriverWorld;
  readonly channel: Channel;
  readonly place: WindowPlace;
  /** open(2) on a node. */
  open(definition: RegionDefinition): Description;
  openRegion<D extends RegionDefinition>(definition: D): GuestRegion<D>;
  /** What a description of this process is to the driver. */
  described(description: Description): driver.Description;
  /** The driver's connection breaks. */
  lose(reason: Error): void;
}

export function openGuestWorld(): GuestWorld {
  const stack = new DisposableStack();
  const world = stack.use(openDriverWorld());
  const issued = new Map<bigint, driver.Description>();
  const losing = new AbortController();

  function openToken(definition: RegionDefinition): OwnedFd {
    const { read, write } = createPipe();
    stack.use(read);
    const description = world.open(definition);
    const { ino } = identifyFd(read.fd);
    issued.set(ino, description);
    stack.use(watch(read.fd, 'hang-up', () => void world.driver.close(description)));
    return stack.use(write);
  }

  function described(fd: number): driver.Description {
    const found = issued.get(identifyFd(fd).ino);
    if (!found) throw new Error('no token of this driver');
    return found;
  }

  function callNow(call: ChannelCall, onAnswer: (answer: Answer) => void): void {
    losing.signal.throwIfAborted();
    const [description, managed] = call.tokens.map(described);
    const { request, argument = 0, bytes = new Uint8Array(0) } = call;
    const options = { argument, bytes, ...(managed ? { managed } : {}) };
    const started = world.ioctl(description as driver.Description, request, options);
    call.signal?.addEventListener('abort', () => started.interrupt(), { once: true });
    void started.ended.then(({ code, bytes: answer, text = '' }) => {
      const error = code && new VsocError(code, call.op, text);
      setImmediate(() => onAnswer(error ? { error, bytes: answer } : { bytes: answer }));
    });
  }

  const channel: Channel = {
    lost: losing.signal,
    callNow,
    call: (call) =>
      new Promise((resolve, reject) => {
        call.signal?.throwIfAborted();
        callNow(call, (answer) => {
          if (!('error' in answer)) resolve(answer.bytes);
          else reject(call.signal?.aborted ? call.signal.reason : answer.error);
        });
      }),
    [Symbol.dispose]() {},
  };
  const { fd, buffer } = world.window;
  const place: WindowPlace = { fd, offsetBytes: 0, buffer, views: new Set() };

  return {
    world,
    channel,
    place,
    open: (definition) => openDescription(channel, openToken(definition), place),
    openRegion(definition) {
      const doorbell = createEventfd();
      return stack.use(
        openGuestRegion(definition, {
          layout: world.window.region(definition.name),
          window: buffer,
          channel,
          controlSocket: '/nowhere/control',
          description: openDescription(channel, openToken(definition), place),
          doorbell: { kind: 'eventfd', fd: doorbell.fd },
          doorbellFd: doorbell,
        }),
      );
    },
    described: ({ token }) => described(token.fd),
    lose: (reason) => losing.abort(reason),
    [Symbol.dispose]: () => stack[Symbol.dispose](),
  };
}
