// A description in a guest process, disposed or lost at any moment: what it was about is not touched any more, and what
// it is asked rejects with a code.
import { liveResources } from '@vsoc/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VsocError } from '../errors.js';
import { claimOf } from '../testing/driver-world.js';
import { type GuestWorld, openGuestWorld } from '../testing/guest-world.js';
import { areas, keeper } from '../testing/window.js';
import type { Description } from './description.js';

let liveBefore: number;
let guest: GuestWorld;
let manager: Description;

beforeEach(() => {
  liveBefore = liveResources().length;
  guest = openGuestWorld();
  manager = guest.open(keeper);
});
afterEach(() => {
  guest[Symbol.dispose]();
  expect(liveResources()).toHaveLength(liveBefore);
});

const claim = () => claimOf(guest.world.window, [keeper, areas]);

async function openGranted(): Promise<Description> {
  const managed = guest.open(areas);
  expect(await manager.claim(managed, claim())).toBe('granted');
  return managed;
}

const areaBytes = () => {
  const { beginOffset, endOffset } = claim();
  return guest.world.window.memory(areas.name).bytes(beginOffset, endOffset);
};
const crashed = new VsocError('ENODEV', 'guest driver', 'crashed');

describe('a read or write that is under way', () => {
  const endings: [string, (managed: Description) => void, string][] = [
    ['the description is disposed', (managed) => managed[Symbol.dispose](), 'EBADF'],
    ['the window is closed', () => guest.place.fd[Symbol.dispose](), 'EBADF'],
    ['the guest crashes', () => guest.lose(crashed), 'ENODEV'],
  ];

  test.each(endings)(
    'when %s does not reach the area, which may be the next owner’s',
    async (_, end, code) => {
      const managed = await openGranted();
      const writing = managed.file.write(new Uint8Array(4096).fill(0xee));
      end(managed);
      await expect(writing).rejects.toMatchObject({ code });
      expect(areaBytes().some((byte) => byte !== 0)).toBe(false);
    },
  );

  test.each(endings)('when %s does not give the area’s bytes', async (_, end, code) => {
    const managed = await openGranted();
    areaBytes().fill(0xdd);
    const into = new Uint8Array(4096);
    const reading = managed.file.read(into);
    end(managed);
    await expect(reading).rejects.toMatchObject({ code });
    expect(into.some((byte) => byte !== 0)).toBe(false);
  });

  test('and nobody disturbs goes through', async () => {
    const managed = await openGranted();
    expect(await managed.file.write(new Uint8Array(4096).fill(0xee))).toBe(4096);
    expect(areaBytes().every((byte) => byte === 0xee)).toBe(true);
  });
});

describe('a disposed description', () => {
  test.each<[string, (managed: Description) => Promise<unknown>]>([
    ['describe', (managed) => managed.describe()],
    ['permission', (managed) => managed.permission()],
    ['lease', (managed) => managed.lease()],
    ['write', (managed) => managed.file.write(new Uint8Array(1))],
    ['seek', (managed) => managed.file.seek(0, 'begin')],
    ['ioctl', (managed) => managed.ioctl({ request: 1, op: 'TEST' })],
    ['claim', (managed) => managed.claim(manager, claim())],
    ['claim for it', (managed) => manager.claim(managed, claim())],
    ['openClaimed with it as the witness', (managed) => manager.openClaimed(managed, claim())],
  ])('rejects with EBADF: %s', async (_what, ask) => {
    const managed = guest.open(areas);
    managed[Symbol.dispose]();
    await expect(ask(managed)).rejects.toMatchObject({ name: 'VsocError', code: 'EBADF' });
  });
});
