/** The newest measurements of one kind, for quantiles that follow what happens now. */
const capacity = 512;

export class Samples {
  readonly #values: number[] = [];
  #next = 0;

  add(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % capacity;
  }

  /** p50 and p99 of the newest 512, rounded to 0.01; null while there is none (JSON has no NaN). */
  summary(): { readonly p50: number | null; readonly p99: number | null } {
    const sorted = [...this.#values].sort((a, b) => a - b);
    const at = (share: number) => {
      const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
      return value === undefined ? null : Math.round(value * 100) / 100;
    };
    return { p50: at(0.5), p99: at(0.99) };
  }
}
