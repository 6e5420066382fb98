// For each case a HAL that fails it and no other: the sample with one thing wrong, the kind of thing that one does get
// wrong. A case that lets its broken HAL pass is worth nothing.

import { openSync } from 'node:fs';
import { VsocError } from '@vsoc/vsoc';
import type { CaseName } from './cases.js';
import type { Bound, GuestPlace, Hal, HostPlace } from './hal.js';
import { declareHal } from './registry.js';
import {
  openSampleGuest,
  openSampleHost,
  type SampleGuest,
  type SampleHost,
  sample,
  sampleGuest,
  sampleHal,
  sampleHost,
} from './sample.js';

type SampleHal = typeof sampleHal;

interface Wrong {
  readonly openGuest?: (place: GuestPlace) => Promise<SampleGuest>;
  readonly openHost?: (place: HostPlace) => Promise<SampleHost>;
  readonly afterAttack?: 'restored';
}

function broken(name: CaseName, { openGuest, openHost, ...wrong }: Wrong): Hal {
  const { guest, host } = sampleHal;
  const hal: SampleHal = {
    ...sampleHal,
    name: `broken-${name}`,
    guest: openGuest ? { ...guest, open: openGuest } : guest,
    host: openHost ? { ...host, open: openHost } : host,
    ...wrong,
  };
  return declareHal(hal);
}

declareHal(sampleHal);

let isOpenForEver = false;
const never = () => new Promise<never>(() => {});
const codeOf = (error: unknown) => (error instanceof VsocError ? error.code : undefined);
const silent = { signalPeer: () => {} };

export const brokenHals: Readonly<Record<CaseName, Hal>> = {
  opensAndCloses: broken('opensAndCloses', {
    async openGuest({ device }) {
      if (isOpenForEver) throw new Error('this process has opened it already');
      isOpenForEver = true;
      return openSampleGuest(device);
    },
  }),
  refusesLaterWindow: broken('refusesLaterWindow', {
    openGuest: async ({ device }) =>
      sampleGuest(await device.open({ ...sample, version: { current: 0xffff, minCompatible: 1 } })),
  }),
  refusesEarlierWindow: broken('refusesEarlierWindow', {
    openHost: async ({ device }) =>
      sampleHost(await device.open({ ...sample, version: { current: 2, minCompatible: 0 } })),
  }),
  signalsHost: broken('signalsHost', {
    openGuest: async ({ device }) => sampleGuest({ ...(await device.open(sample)), ...silent }),
  }),
  signalsGuest: broken('signalsGuest', {
    openHost: async ({ device }) => sampleHost({ ...(await device.open(sample)), ...silent }),
  }),
  survivesTeller: broken('survivesTeller', {
    async openGuest({ device }) {
      const region = await device.open(sample);
      return locked(sampleGuest(region), region.data.lock, device.epoch);
    },
  }),
  survivesListener: broken('survivesListener', {
    async openHost({ device }) {
      const region = await device.open(sample);
      return locked(sampleHost(region), region.data.lock, device.guestEpoch());
    },
  }),
  reportsCrash: broken('reportsCrash', {
    async openGuest({ device }) {
      const half = await openSampleGuest(device);
      const retry = (error: unknown) => (codeOf(error) === 'ENODEV' ? never() : Promise.reject(error));
      return { ...half, untilHeard: (said, bound) => half.untilHeard(said, bound).catch(retry) };
    },
  }),
  outlivesCrash: broken('outlivesCrash', {
    async openHost({ device }) {
      const half = await openSampleHost(device);
      const epoch = device.guestEpoch();
      return {
        ...half,
        async *listen(options) {
          for await (const count of half.listen(options)) {
            if (device.guestEpoch() !== epoch) throw new VsocError('ESTALE', 'listen', 'another guest');
            yield count;
          }
        },
      };
    },
  }),
  hostHoldsOut: broken('hostHoldsOut', {
    afterAttack: 'restored',
    async openHost({ device }) {
      const half = await openSampleHost(device);
      const seen = new DataView(new ArrayBuffer(1 << 16));
      return {
        ...half,
        async *listen(options) {
          for await (const count of half.listen(options)) {
            seen.setUint8(count, 1);
            yield count;
          }
        },
      };
    },
  }),
  guestHoldsOut: broken('guestHoldsOut', {
    async openGuest({ device }) {
      const region = await device.open(sample);
      const half = sampleGuest(region);
      return {
        ...half,
        untilHeard(said, bound) {
          while (region.data.heard.load() === 0xffff_ffff);
          return half.untilHeard(said, bound);
        },
      };
    },
  }),
  hostLeavesTurns: broken('hostLeavesTurns', {
    async openHost({ device }) {
      const region = await device.open(sample);
      const { said, heard } = region.data;
      return {
        ...sampleHost(region),
        async *listen(options) {
          for (let last = heard.load(); ; ) {
            const count = said.load();
            if (count === last) await region.waitWhile(said, last, options);
            if (count === last) continue;
            last = count;
            heard.store(count);
            region.signalPeer(heard);
            yield count;
          }
        },
      };
    },
  }),
  guestLeavesTurns: broken('guestLeavesTurns', {
    async openGuest({ device }) {
      const region = await device.open(sample);
      const { heard } = region.data;
      return {
        ...sampleGuest(region),
        async untilHeard(said, bound) {
          for (let count = heard.load(); ((count - said) | 0) < 0; count = heard.load()) {
            if (isOver(bound)) return 'timed-out';
            if (heard.load() === count) await region.waitWhile(heard, count, bound);
          }
          return 'heard';
        },
      };
    },
  }),
  closingEndsWaits: broken('closingEndsWaits', {
    async openGuest({ device }) {
      const half = await openSampleGuest(device);
      let isClosed = false;
      return {
        ...half,
        untilHeard(said, bound) {
          const wasOpen = !isClosed;
          return half
            .untilHeard(said, bound)
            .catch((error) => (wasOpen && isClosed ? never() : Promise.reject(error)));
        },
        [Symbol.dispose]() {
          isClosed = true;
          half[Symbol.dispose]();
        },
      };
    },
  }),
  closesTwice: broken('closesTwice', {
    async openHost({ device }) {
      const half = await openSampleHost(device);
      let isClosed = false;
      return {
        ...half,
        [Symbol.dispose]() {
          if (isClosed) throw new Error('it is closed already');
          isClosed = true;
          half[Symbol.dispose]();
        },
      };
    },
  }),
  closedRefuses: broken('closedRefuses', {
    async openGuest({ device }) {
      const half = await openSampleGuest(device);
      let isClosed = false;
      return {
        ...half,
        say: () => (isClosed ? 0 : half.say()),
        [Symbol.dispose]() {
          isClosed = true;
          half[Symbol.dispose]();
        },
      };
    },
  }),
  leavesNothing: broken('leavesNothing', {
    async openHost({ device }) {
      openSync('/dev/null', 'r');
      return openSampleHost(device);
    },
  }),
};

/** Refuses to open while a half that never closed seems to have it: one that was killed has it for ever. */
function locked<Half extends SampleGuest | SampleHost>(
  half: Half,
  lock: { load(): number; store(value: number): void },
  epoch: number,
): Half {
  if (lock.load() === epoch) {
    half[Symbol.dispose]();
    throw new VsocError('EBUSY', 'open', 'another process has it open');
  }
  lock.store(epoch);
  let isClosed = false;
  return {
    ...half,
    [Symbol.dispose]() {
      if (!isClosed) lock.store(0);
      isClosed = true;
      half[Symbol.dispose]();
    },
  };
}

function isOver({ deadlineNs }: Bound): boolean {
  return process.hrtime.bigint() >= deadlineNs;
}
