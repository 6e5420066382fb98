// ivshmem-server --run-dir DIR: plans nothing itself; serves the window of DIR/layout.json until it is told to end.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runMain, runPaths } from '@vsoc/process';
import { layoutFromJson, system } from '@vsoc/vsoc/layout';
import { openFewLines } from '../few-lines.js';
import { guestIsGone, takeHandOver } from '../hand-over.js';
import { openServer } from '../server.js';

runMain('ivshmem-server', async ({ log, ready, told }) => {
  const { values } = parseArgs({ options: { 'run-dir': { type: 'string', default: '.' } } });
  const paths = runPaths(values['run-dir']);
  const layout = layoutFromJson(readFileSync(paths.layoutFile, 'utf8'));
  using refusals = openFewLines((count) => log.warn(`refused ${count} more`));
  using guests = openFewLines((count) => log.info(`${count} more lines about guests`));
  using foreign = openFewLines((count) =>
    log.warn({ foreignEntries }, `foreign entries ${count} times more`),
  );
  let foreignEntries = 0;
  using server = openServer(
    {
      layout,
      hostSocket: paths.serverSocket,
      guestSocket: paths.qemuSocket,
      handedOver: takeHandOver(layout.regions.length),
    },
    {
      onGuest: (event) => guests.say(() => log.info(`guest ${event}`)),
      onEpoch: (epoch) => guests.say(() => log.info({ epoch }, 'guest started')),
      onRefused: (who, reason) => refusals.say(() => log.warn(`refused a ${who}: ${reason}`)),
      onForeignEntries(count) {
        foreignEntries += count;
        const text = `signal table of region ${system.name}: entries that are no offsets were ignored`;
        foreign.say(() => log.warn({ foreignEntries }, text));
      },
    },
  );
  ready({ regions: layout.regions.length, windowBytes: layout.sizeBytes });
  for await (const message of told) {
    if ('guest' in message && message.guest === guestIsGone.guest) server.formerGuestIsGone();
  }
});
