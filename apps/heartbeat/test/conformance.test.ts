// What every HAL must hold, for this one.
import { openHeartbeat } from '@vsoc/heartbeat/guest';
import { type HeartbeatHost, openHeartbeatHost } from '@vsoc/heartbeat/host';
import { heartbeat } from '@vsoc/heartbeat/layout';
import { conformanceSuite, hearing } from '@vsoc/testkit/conformance';

await conformanceSuite(import.meta.url, {
  name: 'heartbeat',
  regions: [heartbeat],
  guest: {
    open: ({ device }) => openHeartbeat(device),
    tell: (half) => half.beat(),
    untilAnswered: (half, beat, bound) => half.untilHeard(beat, bound),
  },
  host: {
    open: ({ device }) => openHeartbeatHost(device),
    hear: hearing(
      (half: HeartbeatHost, options) => half.beats(options),
      ({ beat }) => beat,
    ),
  },
});
