// The real code under test does its operations on shared words through the global `Atomics`: for the time of an
// exploration this is one that hands those on words of a model to the scheduler, and leaves all others alone.
import { perform } from './operation.js';
import { cellOf, wordsOfWindow } from './words.js';

const real = globalThis.Atomics;

type Name = 'add' | 'and' | 'compareExchange' | 'exchange' | 'load' | 'or' | 'store' | 'sub' | 'xor';
type RealOperation = (words: Int32Array, index: number, ...values: number[]) => number;

const names: readonly Name[] = [
  'add',
  'and',
  'compareExchange',
  'exchange',
  'load',
  'or',
  'store',
  'sub',
  'xor',
];

function interceptedOperation(name: Name): RealOperation {
  const carryOut = real[name] as RealOperation;
  return (words, index, ...values) => {
    const cell = cellOf(words, index);
    if (cell === undefined) return carryOut(words, index, ...values);
    return perform({
      what: `${name}(${[cell.name, ...values].join(', ')})`,
      apply: (memory) => carryOut(memory, cell.index, ...values),
    });
  };
}

const intercepted = {
  ...Object.fromEntries(names.map((name) => [name, interceptedOperation(name)])),
  isLockFree: real.isLockFree,
  wait: () => {
    throw new Error('Atomics.wait is not used: it does not cross processes');
  },
  notify: () => {
    throw new Error('Atomics.notify is not used: it does not cross processes');
  },
} as unknown as Atomics;

const RealInt32Array = globalThis.Int32Array;

/** Arrays over a window of a model are words of that model. */
const InterceptedInt32Array = new Proxy(RealInt32Array, {
  construct: (target, [buffer, byteOffset = 0, ...rest], newTarget) =>
    wordsOfWindow(buffer, byteOffset) ?? Reflect.construct(target, [buffer, byteOffset, ...rest], newTarget),
});

/** Timers never fire in an exploration: what needs one to be right would be found. */
const noTimer = () => ({ ref() {}, unref() {}, refresh() {}, [Symbol.dispose]() {} });

/** Until disposed, operations on words of a model go to the scheduler. One at a time in a process. */
export function interceptAtomics(): Disposable {
  if (globalThis.Atomics !== real) throw new Error('an exploration is under way already');
  const { setTimeout, setInterval, setImmediate } = globalThis;
  globalThis.Atomics = intercepted;
  globalThis.Int32Array = InterceptedInt32Array;
  globalThis.setTimeout = noTimer as unknown as typeof setTimeout;
  globalThis.setInterval = noTimer as unknown as typeof setInterval;
  // A turn of the event loop in which nothing else of the thread happens.
  globalThis.setImmediate = ((callback: () => void) => queueMicrotask(callback)) as typeof setImmediate;
  return {
    [Symbol.dispose]() {
      globalThis.Atomics = real;
      globalThis.Int32Array = RealInt32Array;
      Object.assign(globalThis, { setTimeout, setInterval, setImmediate });
    },
  };
}
