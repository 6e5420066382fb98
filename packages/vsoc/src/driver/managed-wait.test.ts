// Waits and wakes on a managed region's description: in the area of its permission, nowhere else, and no longer.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ioctlNumber } from '../layout/index.js';
import {
  type Call,
  claimOf,
  condWaitBytes,
  create,
  type DriverWorld,
  openDriverWorld,
  wakesOf,
} from '../testing/driver-world.js';
import { areas, keeper } from '../testing/window.js';
import type { Description } from './description.js';

let world: DriverWorld;
let managed: Description;

beforeEach(() => {
  world = openDriverWorld();
  managed = world.open(areas);
});
afterEach(() => {
  world[Symbol.dispose]();
});

const area = () => claimOf(world.window, [keeper, areas], { page: 1, pages: 2 });
const wait = (offset: number, waitType = 1) =>
  world.ioctl(managed, ioctlNumber.condWait, { bytes: condWaitBytes({ offset, waitType }) });
const wake = (argument: number) => world.ioctl(managed, ioctlNumber.condWake, { argument });
/** Code and wakes; undefined while it sleeps. */
const ending = ({ answer }: Call) => answer && [answer.code ?? 'ok', wakesOf(answer)];

test('waits and wakes are EPERM without a permission', () => {
  expect(ending(wait(area().beginOffset))).toEqual(['EPERM', 0]);
  expect(wake(area().beginOffset).answer).toMatchObject({ code: 'EPERM' });
});

test('alignment and the region’s end are checked before the permission, the rest after it', () => {
  expect(wake(2).answer).toMatchObject({ code: 'EADDRNOTAVAIL' });
  expect(wake(0xffff_fffc).answer).toMatchObject({ code: 'E2BIG' });
  expect(ending(wait(area().beginOffset, 9))).toEqual(['EPERM', 0]);
});

describe('with a permission', () => {
  beforeEach(() => {
    create(world, world.open(keeper), managed, area());
  });

  test('they work in the area from its first word to its last, counted from the region', () => {
    const { beginOffset, endOffset } = area();
    for (const offset of [beginOffset, endOffset - 4]) {
      const call = wait(offset);
      world.window.memory(areas.name).words[offset >>> 2] = 1;
      wake(offset);
      expect(ending(call)).toEqual(['ok', 1]);
    }
  });

  test('they are EPERM outside the area: before it, behind it, in the tables', () => {
    const { beginOffset, endOffset } = area();
    for (const offset of [0, beginOffset - 4, endOffset]) {
      expect(ending(wait(offset))).toEqual(['EPERM', 0]);
      expect(wake(offset).answer).toMatchObject({ code: 'EPERM' });
    }
  });

  test('a wait ends with its permission: it never tells of the next owner’s word', async () => {
    const call = wait(area().beginOffset);
    await world.driver.close(managed);
    expect(ending(call)).toEqual(['EINTR', 0]);
  });
});
