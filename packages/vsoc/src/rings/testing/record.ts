// For tests: a record that tells whether it is torn. Every word follows from the first one.
import { array, atomicU32, struct, u32, type Values, type View } from '@vsoc/struct';

const guiseCount = 61;

export const record = struct('test_record', 'A number in many guises.', {
  sequence: atomicU32({ doc: 'odd while the record is written' }),
  stop: atomicU32({ doc: 'not 0: the writer ends' }),
  number: u32({ doc: 'counts the records' }),
  guises: array(u32({ doc: 'see guiseOf' }), guiseCount, { doc: 'the number, each time another way' }),
});

export const recordBytes = 0x1_0000;

const guiseOf = (number: number, index: number) => Math.imul(number + index, 0x9e3779b1) >>> 0;

export function fillRecord(view: View<typeof record>, number: number): void {
  view.number = number;
  for (let index = 0; index < guiseCount; index++) view.guises.set(index, guiseOf(number, index));
}

export function isWhole({ number, guises }: Pick<Values<typeof record>, 'number' | 'guises'>): boolean {
  return guises.every((guise, index) => guise === guiseOf(number, index));
}
