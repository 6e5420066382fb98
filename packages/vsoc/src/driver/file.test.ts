// A description as a file: the length it has, where the position may go, what a read or a write takes.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findRegion, pageBytes } from '../layout/index.js';
import { claimOf, create, type DriverWorld, openDriverWorld } from '../testing/driver-world.js';
import { areas, keeper } from '../testing/window.js';
import {
  advanceAnswer,
  channelVerb,
  decode,
  encode,
  mapAnswer,
  seekAnswer,
  seekArgument,
  seekOrigin,
} from '../wire/index.js';
import type { Description } from './description.js';

let world: DriverWorld;

beforeEach(() => {
  world = openDriverWorld();
});
afterEach(() => {
  world[Symbol.dispose]();
});

function seek(description: Description, offset: number, origin: number) {
  const { answer } = world.ioctl(description, channelVerb.seek, {
    bytes: encode(seekArgument, { offset, origin }),
  });
  return answer?.code ?? decode(seekAnswer, answer?.bytes ?? new Uint8Array(0))?.position;
}

function advance(description: Description, argument: number) {
  const { answer } = world.ioctl(description, channelVerb.advance, { argument });
  return decode(advanceAnswer, answer?.bytes ?? new Uint8Array(0));
}

describe('of a region that is used whole', () => {
  test('it is as long as the region, and its end is a place in it', () => {
    const description = world.open(keeper);
    const { sizeBytes } = world.window.memory(keeper.name);
    expect(seek(description, 0, seekOrigin.end)).toBe(sizeBytes);
    expect(seek(description, -8, seekOrigin.end)).toBe(sizeBytes - 8);
    expect(seek(description, 4, seekOrigin.current)).toBe(sizeBytes - 4);
    expect(advance(description, 100)).toEqual({ offset: sizeBytes - 4, count: 4 });
    expect(advance(description, 100)).toEqual({ offset: sizeBytes, count: 0 });
  });

  test('a place outside and an unknown origin are EINVAL, and the position stays', () => {
    const description = world.open(keeper);
    expect(seek(description, 12, seekOrigin.begin)).toBe(12);
    expect(seek(description, -13, seekOrigin.current)).toBe('EINVAL');
    expect(seek(description, 1, seekOrigin.end)).toBe('EINVAL');
    expect(seek(description, 0, 3)).toBe('EINVAL');
    expect(world.ioctl(description, channelVerb.seek).answer).toMatchObject({ code: 'EINVAL' });
    expect(seek(description, 0, seekOrigin.current)).toBe(12);
  });
});

describe('mmap', () => {
  test('tells where the area lies in the window, and its permission', () => {
    const description = world.open(areas);
    const claim = claimOf(world.window, [keeper, areas], { page: 1, pages: 2 });
    create(world, world.open(keeper), description, claim);
    const { answer } = world.ioctl(description, channelVerb.map);
    const { beginOffset } = findRegion(world.window.layout, areas.name);
    expect(decode(mapAnswer, answer?.bytes ?? new Uint8Array(0))).toEqual({
      windowOffset: beginOffset + claim.beginOffset,
      permission: claim,
    });
  });

  test('is EINVAL without a permission, and of a region that nobody manages', () => {
    for (const region of [areas, keeper]) {
      expect(world.ioctl(world.open(region), channelVerb.map).answer).toMatchObject({ code: 'EINVAL' });
    }
  });
});

describe('of a managed region', () => {
  test('it is empty without a permission', () => {
    const description = world.open(areas);
    expect(seek(description, 0, seekOrigin.end)).toBe(0);
    expect(advance(description, 1)).toEqual({ offset: 0, count: 0 });
  });

  test('it is the area of its permission', () => {
    const description = world.open(areas);
    const claim = claimOf(world.window, [keeper, areas], { page: 1, pages: 2 });
    create(world, world.open(keeper), description, claim);
    expect(seek(description, 0, seekOrigin.end)).toBe(2 * pageBytes);
    expect(seek(description, 16, seekOrigin.begin)).toBe(16);
    expect(advance(description, 8)).toEqual({ offset: claim.beginOffset + 16, count: 8 });
    expect(advance(description, 3 * pageBytes)?.count).toBe(2 * pageBytes - 24);
  });
});
