// The ioctls about permissions and regions: CREATE with every error in its order, GET, DESCRIBE.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  fdScopedPermission,
  fdScopedPermissionArg,
  ioctlNumber,
  regionRecord,
  system,
  vsocDeviceRegion,
} from '../layout/index.js';
import { type Call, claimOf, create, type DriverWorld, openDriverWorld } from '../testing/driver-world.js';
import { areas, keeper, otherAreas, otherKeeper, plain } from '../testing/window.js';
import { encode } from '../wire/encode.js';
import type { Description } from './description.js';

let world: DriverWorld;

beforeEach(() => {
  world = openDriverWorld();
  world.rings.length = 0;
});
afterEach(() => {
  world[Symbol.dispose]();
});

const codeOf = ({ answer }: Call) => answer?.code;
const legal = (options?: Parameters<typeof claimOf>[2]) => claimOf(world.window, [keeper, areas], options);

test.each([0, 0x4010_f509, 0xf5, 0xffff_ffff])('an ioctl number that is none gives EINVAL: %i', (request) => {
  expect(world.ioctl(world.open(plain), request).answer).toMatchObject({ code: 'EINVAL' });
});

test('a region that does not exist cannot be opened', () => {
  expect(() => world.driver.open(99, 1)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});

describe('CREATE_FD_SCOPED_PERMISSION', () => {
  let manager: Description;
  let managed: Description;

  beforeEach(() => {
    manager = world.open(keeper);
    managed = world.open(areas);
  });

  test('attaches the permission, which GET tells from then on', () => {
    const claim = legal({ ownedValue: 0xdead_beef });
    expect(create(world, manager, managed, claim).answer).toMatchObject({ code: undefined });
    const got = world.ioctl(managed, ioctlNumber.getFdScopedPermission).answer;
    expect(got?.bytes).toEqual(encode(fdScopedPermission, { ...claim }));
    expect(world.window.memory(keeper.name).view.getUint32(claim.ownerOffset, true)).toBe(0xdead_beef);
  });

  test('is EPERM without an open description of this driver', () => {
    expect(codeOf(create(world, manager, undefined, legal()))).toBe('EPERM');
  });

  test('is EEXIST on a description that has a permission', () => {
    create(world, manager, managed, legal());
    expect(codeOf(create(world, manager, managed, legal({ page: 2 })))).toBe('EEXIST');
  });

  test('is EPERM unless the calling region manages the managed one', () => {
    expect(codeOf(create(world, world.open(plain), managed, legal()))).toBe('EPERM');
    expect(codeOf(create(world, world.open(otherKeeper), managed, legal()))).toBe('EPERM');
    expect(codeOf(create(world, manager, world.open(otherAreas), legal()))).toBe('EPERM');
    expect(codeOf(create(world, managed, manager, legal()))).toBe('EPERM');
  });

  test('is EPERM for region 0 on an unmanaged region, whose managed_by is 0 too', () => {
    expect(codeOf(create(world, world.open(system), world.open(plain), legal()))).toBe('EPERM');
  });

  test('is EINVAL when the argument is cut short', () => {
    const bytes = encode(fdScopedPermissionArg, { perm: legal(), managedRegionFd: 1 }).subarray(0, 19);
    expect(codeOf(world.ioctl(manager, ioctlNumber.createFdScopedPermission, { bytes, managed }))).toBe(
      'EINVAL',
    );
  });

  test('is EAGAIN for a compatible claim and EBUSY for one that overlaps', () => {
    create(world, manager, managed, legal());
    expect(codeOf(create(world, manager, world.open(areas), legal({ ownedValue: 2 })))).toBe('EAGAIN');
    expect(codeOf(create(world, manager, world.open(areas), legal({ pages: 2, owner: 3 })))).toBe('EBUSY');
  });

  // Each claim breaks its own rule and the next one.
  test.each<[string, string, () => Call]>([
    ['no description', 'EPERM', () => create(world, manager, undefined, { ...legal(), endOffset: 0 })],
    [
      'a permission attached',
      'EEXIST',
      () => {
        create(world, world.open(otherKeeper), managed, legal());
        create(world, manager, managed, legal());
        return create(world, world.open(plain), managed, legal());
      },
    ],
    [
      'another manager',
      'EPERM',
      () => create(world, world.open(plain), managed, { ...legal(), endOffset: 0 }),
    ],
    [
      'no owned value, on a live area',
      'EINVAL',
      () => {
        create(world, manager, world.open(areas), legal());
        return create(world, manager, managed, legal({ ownedValue: 0 }));
      },
    ],
    [
      'a live area whose owner word is taken',
      'EBUSY',
      () => {
        create(world, manager, world.open(areas), legal());
        world.window.memory(keeper.name).words[legal({ owner: 3 }).ownerOffset >>> 2] = 9;
        return create(world, manager, managed, legal({ owner: 3 }));
      },
    ],
  ])('reports the earlier of two errors: %s', (_what, code, call) => {
    expect(codeOf(call())).toBe(code);
  });

  test.each<[string, number, number]>([
    ['before the area', 0, 0],
    ['at its begin', 4096, 0],
    ['inside it', 4096 + 100, 100],
    ['at its end', 3 * 4096, 2 * 4096],
    ['behind it', 9 * 4096, 2 * 4096],
  ])('counts the file position from the area on: %s', (_what, position, expected) => {
    const { dataOffset } = world.window.region(areas.name);
    // The area begins a page behind the data; positions before it count from the region's begin.
    managed.position = position === 0 ? 0 : dataOffset + position;
    create(world, manager, managed, legal({ page: 1, pages: 2 }));
    expect(managed.position).toBe(expected);
  });

  test('leaves position and permission alone when it fails', () => {
    managed.position = 77;
    create(world, manager, managed, legal({ ownedValue: 0 }));
    expect([managed.position, managed.permission]).toEqual([77, undefined]);
  });
});

test('GET is ENOENT without a permission', () => {
  expect(codeOf(world.ioctl(world.open(areas), ioctlNumber.getFdScopedPermission))).toBe('ENOENT');
  expect(codeOf(world.ioctl(world.open(plain), ioctlNumber.getFdScopedPermission))).toBe('ENOENT');
});

test('DESCRIBE answers the validated copy, whatever the window says by then', () => {
  new Uint8Array(world.window.buffer, 0, 4096).fill(0xff);
  for (const definition of [system, plain, keeper, areas]) {
    const { answer } = world.ioctl(world.open(definition), ioctlNumber.describeRegion);
    const expected = encode(vsocDeviceRegion, regionRecord(world.window.region(definition.name)));
    expect(answer).toMatchObject({ code: undefined, bytes: expected });
  }
});
