// The standard's DisposableStack, which Node 20 lacks: things set up one by one, undone together in reverse.
// Every disposer runs even when others throw; the errors are chained as `using` chains them.

function suppressed(error: unknown, earlier: unknown): Error {
  const both = new Error('an error was suppressed during disposal');
  return Object.assign(both, { name: 'SuppressedError', error, suppressed: earlier });
}

export class DisposableStack implements Disposable {
  #undo: (() => void)[] = [];
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  use<T extends Disposable | null | undefined>(value: T): T {
    this.defer(() => value?.[Symbol.dispose]());
    return value;
  }

  adopt<T>(value: T, dispose: (value: T) => void): T {
    this.defer(() => dispose(value));
    return value;
  }

  defer(dispose: () => void): void {
    this.#refuseWhenDisposed();
    this.#undo.push(dispose);
  }

  /** A new stack that owns everything; this one counts as disposed. The last line of a factory that succeeded. */
  move(): DisposableStack {
    this.#refuseWhenDisposed();
    const next = new DisposableStack();
    for (const undo of this.#undo) next.defer(undo);
    this.#undo = [];
    this.#disposed = true;
    return next;
  }

  dispose(): void {
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const failures: unknown[] = [];
    for (const undo of this.#undo.splice(0).reverse()) {
      try {
        undo();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures.reduce((earlier, error) => suppressed(error, earlier));
  }

  #refuseWhenDisposed(): void {
    if (this.#disposed) throw new ReferenceError('DisposableStack: expected an open stack, it is disposed');
  }
}
