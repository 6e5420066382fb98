/** Lives out of looks at the table: when they begin and end, and that nobody can make the recorder lie for long or grow. */
import { expect, test } from 'vitest';
import { liveRow, pagesArea, tableOf } from '../testing/table-rows.js';
import { openRecorder } from './lives.js';

const space = pagesArea(1, 100);
const rowOf = (generation: number, allocatedAtNs: bigint, page = 1) =>
  liveRow(pagesArea(page, page + 1), { owner: generation, generation, allocatedAtNs });

test('a buffer lives from its allocation to the first look without it', () => {
  const recorder = openRecorder(space);
  recorder.look(tableOf({}, 100n));
  recorder.look(tableOf({ 4: rowOf(1, 115n) }, 120n));
  recorder.look(tableOf({ 4: { ...rowOf(1, 115n), acquire: 8, release: 7 } }, 140n));
  recorder.look(tableOf({}, 160n));
  const { lives, ...watch } = recorder.recording();
  expect(watch).toEqual({ begunNs: 100n, endedNs: 160n, looks: 4, unrecorded: 0 });
  expect(lives).toMatchObject([
    { entry: 4, generation: 1, begunNs: 115n, endedNs: 160n, drawn: 8, lookedAt: 7, clientPid: 100 },
  ]);
});

test('who is there at the first look is older than the watch, who is there at the last one lives on', () => {
  const recorder = openRecorder(space);
  recorder.look(tableOf({ 0: rowOf(3, 20n) }, 100n));
  recorder.look(tableOf({ 0: rowOf(3, 20n) }, 120n));
  expect(recorder.recording().lives).toMatchObject([{ begunNs: 20n, endedNs: undefined }]);
});

test('another generation in the same entry is another life', () => {
  const recorder = openRecorder(space);
  recorder.look(tableOf({ 0: rowOf(1, 90n) }, 100n));
  recorder.look(tableOf({ 0: rowOf(2, 110n) }, 120n));
  expect(recorder.recording().lives).toMatchObject([
    { generation: 1, endedNs: 120n },
    { generation: 2, begunNs: 110n, endedNs: undefined },
  ]);
});

test('a time of allocation is believed between the look that first saw the buffer and the one before', () => {
  const recorder = openRecorder(space);
  recorder.look(tableOf({ 0: rowOf(1, 2n ** 63n) }, 100n));
  recorder.look(tableOf({ 0: rowOf(1, 0n), 1: rowOf(1, 7n, 2), 2: rowOf(1, 500n, 3) }, 120n));
  expect(recorder.recording().lives.map(({ begunNs }) => begunNs)).toEqual([100n, 100n, 120n]);
});

test('a buffer that came while a look was read, behind its row, has lived since then', () => {
  const recorder = openRecorder(space);
  recorder.look(tableOf({}, 160n, 100n));
  recorder.look(tableOf({ 4: rowOf(1, 115n) }, 180n, 170n));
  recorder.look(tableOf({}, 200n, 190n));
  expect(recorder.recording().lives).toMatchObject([{ begunNs: 115n, endedNs: 200n }]);
});

test('the owner word alone ends a life, whatever else is scribbled into its row', () => {
  const recorder = openRecorder(space);
  recorder.look(tableOf({ 0: rowOf(5, 0n) }, 100n));
  recorder.look(tableOf({ 0: { ...rowOf(5, 0n), generation: 9, endOffset: 0 } }, 120n));
  expect(recorder.recording().lives).toMatchObject([{ generation: 5, endedNs: undefined }]);
  recorder.look(tableOf({ 0: { ...rowOf(5, 0n), owner: 77 } }, 140n));
  expect(recorder.recording().lives).toMatchObject([{ generation: 5, endedNs: 140n }]);
});

test('lives beyond the limit are counted once and not kept', () => {
  const recorder = openRecorder(space, { limit: 2 });
  const rows = { 0: rowOf(1, 0n, 1), 1: rowOf(1, 0n, 2), 2: rowOf(1, 0n, 3) };
  recorder.look(tableOf(rows, 100n));
  recorder.look(tableOf(rows, 120n));
  recorder.look(tableOf({}, 140n));
  const { lives, unrecorded } = recorder.recording();
  expect([lives.length, unrecorded]).toEqual([2, 1]);
  expect(lives.every(({ endedNs }) => endedNs === 140n)).toBe(true);
});

test('time does not run backwards', () => {
  const recorder = openRecorder(space);
  recorder.look(tableOf({}, 100n));
  expect(() => recorder.look(tableOf({}, 99n))).toThrow('a look at 99 after one at 100');
});
