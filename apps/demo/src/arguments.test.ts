// What can be typed, and how a mistake is answered.

import { expect, it } from 'vitest';
import { defaultSize, parseDemoArguments } from './arguments.js';

it('without words it is the test pattern in the default size', () => {
  expect(parseDemoArguments([])).toEqual({ size: defaultSize, smoke: false, help: false });
});

it('every option arrives checked', () => {
  const words = ['--stdin-rgba', '640x360', '--size', '320x200', '--fps', '30', '--port', '8080'];
  expect(parseDemoArguments(words)).toEqual({
    source: { stdin: { widthPx: 640, heightPx: 360 } },
    size: { widthPx: 320, heightPx: 200 },
    fps: 30,
    port: 8080,
    smoke: false,
    help: false,
  });
  expect(parseDemoArguments(['--play', 'a.gif']).source).toEqual({ file: 'a.gif' });
});

it('one HAL alone is named', () => {
  expect(parseDemoArguments(['--only', 'heartbeat']).only).toBe('heartbeat');
  expect(parseDemoArguments(['--only=heartbeat']).only).toBe('heartbeat');
});

it('a virtual machine is emulated unless it is asked for otherwise', () => {
  expect(parseDemoArguments(['--vm']).vm).toBe('tcg');
  expect(parseDemoArguments(['--vm', '--accel', 'kvm', '--smoke']).vm).toBe('kvm');
});

for (const [words, message] of [
  [['--size', '0x10'], '--size 0x10: expected WIDTHxHEIGHT'],
  [['--size', '1280'], '--size 1280: expected WIDTHxHEIGHT'],
  [['--size', '4096x4096'], '--size 4096x4096: a frame may have at most 4194304 pixels'],
  [['--stdin-rgba', 'film.rgba'], '--stdin-rgba film.rgba: expected WIDTHxHEIGHT'],
  [['--fps', '0'], '--fps 0: expected an integer from 1 to 240'],
  [['--fps', '3e1'], '--fps 3e1: expected an integer from 1 to 240'],
  [['--port', '65536'], '--port 65536: expected an integer from 0 to 65535'],
  [['--port', ''], '--port : expected an integer'],
  [['--play', 'a.gif', '--stdin-rgba', '1x1'], 'exclude each other'],
  [['--smoke', '--play', 'a.gif'], '--smoke compares with the test pattern'],
  [['--accel', 'kvm'], 'it goes with --vm only'],
  [['--vm', '--accel', 'fast'], '--accel fast: expected tcg or kvm'],
  [['--vm', '--play', 'a.gif'], '--vm shows the test pattern'],
  [['--only', 'heartbeat', '--smoke'], '--only heartbeat runs that HAL as it says itself'],
  [['--smok'], "Unknown option '--smok'"],
  [['film.gif'], "Unexpected argument 'film.gif'"],
  [['--play'], "Option '--play <value>' argument missing"],
] as const) {
  it(`'${words.join(' ')}' is refused: ${message}`, () => {
    expect(() => parseDemoArguments(words)).toThrow(message);
  });
}
