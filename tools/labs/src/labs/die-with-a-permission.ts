// A guest process claims a page, writes into it, and is killed where it stands. Nobody can clean up for it but the driver.
import { VsocError } from '@vsoc/vsoc';
import { claimPage } from '../claim-page.js';
import type { Lab } from '../lab.js';
import { keeper } from '../regions.js';

export const dieWithAPermission: Lab = async (openStage, say) => {
  await using stage = await openStage();
  using manager = await stage.device.open(keeper);
  const owner = manager.data.owners.at(0).value;
  const holder = await stage.start('holder');
  const { wrote } = await holder.next<{ wrote: number }>();
  say(`the holder has the page, owner word ${owner.load()}, and fills it with 0x${wrote.toString(16)}`);

  say(`another claim of the same page: ${(await claimPage(stage.device, manager, 8)).outcome}`);
  const held = owner.exchange(0);
  say(`somebody scribbles "free" into the owner word; the same claim: ${await claimOrCode()}`);
  owner.store(held);

  const killedAtNs = process.hrtime.bigint();
  holder.child.kill('SIGKILL');
  const deadlineNs = killedAtNs + 5_000_000_000n;
  await manager.waitWhile(owner, held, { deadlineNs });
  const ms = Number(process.hrtime.bigint() - killedAtNs) / 1e6;
  say(`the holder is killed; ${ms.toFixed(1)} ms later the owner word is ${owner.load()}`);

  const again = await claimPage(stage.device, manager, 9);
  if (again.outcome !== 'granted') throw new Error('the page did not become free');
  using lease = again.lease;
  const isZero = lease.bytes.every((byte) => byte === 0);
  say(`claimed again, owner word ${owner.load()}: the page is ${isZero ? 'all zero' : 'NOT zero'}`);

  async function claimOrCode(): Promise<string> {
    try {
      return (await claimPage(stage.device, manager, 8)).outcome;
    } catch (error) {
      if (error instanceof VsocError) return error.code;
      throw error;
    }
  }
};
