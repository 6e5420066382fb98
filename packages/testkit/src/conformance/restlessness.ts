// A peer that never rests, without a second processor: in a half's own process each look at one of these words finds it
// changed, as if the peer had been there just before. No peer could be worse, and none would be so on time.

/** `indices`: words of the window. They count down, so that nothing that counts up ever seems reached. */
export function beRestless(indices: readonly number[]): Disposable {
  const restless = new Set(indices);
  const { load } = Atomics;
  const isRestless = ({ buffer, byteOffset }: Int32Array, index: number) =>
    buffer instanceof SharedArrayBuffer && restless.has(byteOffset / 4 + index);
  const lookAndFindChanged = (array: Int32Array, index: number): number => {
    if (isRestless(array, index)) Atomics.sub(array, index, 1);
    return load(array, index);
  };
  Object.assign(Atomics, { load: lookAndFindChanged });
  return {
    [Symbol.dispose]() {
      Object.assign(Atomics, { load });
    },
  };
}
