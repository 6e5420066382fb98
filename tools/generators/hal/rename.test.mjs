// Each form of a name becomes the same form of the new one, also where they look the same.
import { describe, expect, it } from 'vitest';
import { formsOf } from './forms.mjs';
import { renamer } from './rename.mjs';

const rename = renamer('heartbeat', 'rotation-sensor', [
  'heartbeat',
  'heartbeat-stream',
  'decodedHeartbeatBuffer',
]);

it('a name has five forms', () => {
  expect(formsOf('rotation-sensor')).toEqual({
    kebab: 'rotation-sensor',
    snake: 'rotation_sensor',
    camel: 'rotationSensor',
    pascal: 'RotationSensor',
    screaming: 'ROTATION_SENSOR',
  });
});

describe.each([
  [
    'x.ts',
    "import { heartbeat } from '@vsoc/heartbeat/layout';",
    "import { rotationSensor } from '@vsoc/rotation-sensor/layout';",
  ],
  ['x.ts', "name: 'heartbeat',", "name: 'rotation_sensor',"],
  [
    'x.ts',
    "struct('heartbeat_data', 'Of the heartbeat.')",
    "struct('rotation_sensor_data', 'Of the rotation-sensor.')",
  ],
  [
    'x.ts',
    'openHeartbeatHost(heartbeatOut, HEARTBEAT)',
    'openRotationSensorHost(rotationSensorOut, ROTATION_SENSOR)',
  ],
  ['x.ts', '// The heartbeat, `heartbeat`.', '// The rotation-sensor, `rotation_sensor`.'],
  ['x.ts', '`$' + '{heartbeat.name} heartbeats`', '`$' + '{rotationSensor.name} rotation-sensors`'],
  ['x.ts', "new URL('../test/golden/heartbeat.md')", "new URL('../test/golden/rotation_sensor.md')"],
  ['x.ts', "runMain('heartbeat-guest')", "runMain('rotation-sensor-guest')"],
  [
    'x.ts',
    "import '@vsoc/heartbeat-stream'; theheartbeat()",
    "import '@vsoc/heartbeat-stream'; theheartbeat()",
  ],
  ['x.json', '{"name": "@vsoc/heartbeat"}', '{"name": "@vsoc/rotation-sensor"}'],
  ['x.md', '# heartbeat\nThe region `heartbeat`.', '# rotation-sensor\nThe region `rotation_sensor`.'],
  ['x.md', '<!-- generated:region:heartbeat -->', '<!-- generated:region:rotation_sensor -->'],
  ['x.md', 'heartbeat version 1,', 'rotation_sensor version 1,'],
  [
    'x.md',
    '```sh\nnpm run demo -- --only heartbeat\n```',
    '```sh\nnpm run demo -- --only rotation-sensor\n```',
  ],
  ['x.md', '```ts\nplan([system, heartbeat]);\n```', '```ts\nplan([system, rotationSensor]);\n```'],
  ['x.md', '```\n region `heartbeat`            host\n```', '```\n region `rotation_sensor`      host\n```'],
])('in %s', (path, from, to) => {
  it(`${from} becomes ${to}`, () => {
    expect(rename(path, from)).toBe(to);
  });
});

it('a word of another package stays', () => {
  expect(rename('x.ts', 'wav.decodedHeartbeatBuffer, openHeartbeat')).toBe(
    'wav.decodedHeartbeatBuffer, openRotationSensor',
  );
});

it('the way back gives the same text', () => {
  const back = renamer('rotation-sensor', 'heartbeat');
  const text =
    "export const heartbeat = defineRegion({ name: 'heartbeat' }); // of heartbeat\nopenHeartbeat('heartbeat_data');";
  expect(back('x.ts', rename('x.ts', text))).toBe(text);
});
