/** This process as a guest without a guest half: writes the frame record's words as it likes. */
import { DisposableStack } from '@vsoc/native';
import type { View } from '@vsoc/struct';
import { type GuestRegion, openGuest } from '@vsoc/vsoc/guest';
import { expect } from 'vitest';
import type { FramebufferHost, HostFrame } from '../src/host.js';
import { framebuffer, type frameRecord } from '../src/layout.js';
import type { Rect } from '../src/rect.js';
import type { TestRun } from './run.js';

type Fields = Partial<Omit<View<typeof frameRecord>, 'damage'>> & { damage?: readonly Rect[] };

export interface Watching extends AsyncDisposable {
  /** Frames that the host gave out, in order. */
  readonly frames: HostFrame[];
  /** Resolves when the host has dealt with the record of this serial, one way or the other. */
  dealtWith(serial: number): Promise<void>;
}

export interface HostileGuest extends Disposable {
  readonly region: GuestRegion<typeof framebuffer>;
  /** Writes a record and signals it: sound fields where nothing else is said. Returns its serial. */
  write(fields: Fields): number;
  lastSerial(): number;
  /** Lets a host half of this process take frames until the end of the scope. */
  watch(host: FramebufferHost): Watching;
}

export async function openHostileGuest(run: TestRun): Promise<HostileGuest> {
  using stack = new DisposableStack();
  const device = stack.use(await openGuest({ deviceDirectory: run.paths.deviceDir }));
  const region = stack.use(await device.open(framebuffer));
  const { sequence, frame, released } = region.data;
  const { epoch } = device;
  let serial = 100;
  const owned = stack.move();
  return {
    region,
    lastSerial: () => serial,
    write({ damage = [], ...fields }) {
      serial = fields.serial ?? serial + 1;
      const begun = (sequence.load() | 1) >>> 0;
      sequence.store(begun);
      const sound = { serial, epoch, entry: 0, generation: 0, ageUs: 0, damageCount: damage.length };
      Object.assign(frame, sound, fields);
      for (const [index, rect] of damage.entries()) Object.assign(frame.damage.at(index), rect);
      sequence.store(begun + 1);
      region.signalPeer(sequence);
      return serial;
    },
    watch(host) {
      const frames: HostFrame[] = [];
      const ending = new AbortController();
      const ended = (async () => {
        for await (const frame of host.frames({ signal: ending.signal })) frames.push(frame);
      })().catch((error) => {
        if (!ending.signal.aborted) throw error;
      });
      return {
        frames,
        dealtWith: (awaited) => expect.poll(() => released.load(), { interval: 1 }).toBe(awaited),
        async [Symbol.asyncDispose]() {
          ending.abort();
          await ended;
        },
      };
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}
