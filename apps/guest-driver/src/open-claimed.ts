// Opening a managed region and claiming an area of it in one request: a fresh description that has its permission from the
// start. What an allocator would otherwise do in two, one of them a connection to the region's node.
import type { OwnedFd } from '@vsoc/native';
import { VsocError } from '@vsoc/vsoc';
import type { Description, Driver } from '@vsoc/vsoc/driver';
import { ioctlNumber } from '@vsoc/vsoc/layout';
import { isOutOfDescriptors } from '@vsoc/vsoc/wire';
import type { TokenTable } from './tokens.js';

export interface OpenClaimedCall {
  /** The calling description. */
  readonly manager: Description;
  /** Of the managed region; shows that this process may open it. */
  readonly witness: Description | undefined;
  /** Who asks. */
  readonly pid: number;
  /** fd_scoped_permission_arg, its descriptor left out of account. */
  readonly bytes: Uint8Array;
}

/** The fresh description's token. Throws what opening and CREATE throw, EPERM for another's witness; nothing is kept then. */
export function openClaimed(driver: Driver, tokens: TokenTable, call: OpenClaimedCall): OwnedFd {
  const { manager, witness, pid, bytes } = call;
  const op = 'open claimed';
  if (!witness) throw new VsocError('EBADF', op, 'the second token is none of this driver');
  // Tokens travel to processes that may not open the node themselves.
  if (witness.creatorPid !== pid) {
    throw new VsocError('EPERM', op, `process ${witness.creatorPid} opened the witness, process ${pid} asks`);
  }
  const opened = driver.open(witness.region.layout.index, pid);
  try {
    const request = ioctlNumber.createFdScopedPermission;
    driver.ioctl({ description: manager, request, argument: 0, bytes, managed: opened, finish() {} });
    return tokens.issue(opened);
  } catch (error) {
    void driver.close(opened);
    if (isOutOfDescriptors(error))
      throw new VsocError('ENFILE', op, 'the guest driver has no descriptor left');
    throw error;
  }
}
