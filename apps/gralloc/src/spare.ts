// A description opened ahead of its use: connecting to a device node is half of what an allocation would wait for. It has
// no permission yet, so it keeps nobody's memory.
import type { Description } from '@vsoc/vsoc/guest';

export interface Spare extends Disposable {
  /** The one that is ready, or a fresh one; the caller owns it. The next one is opened once this turn's work is done. */
  take(): Promise<Description>;
}

export function openSpare(open: () => Promise<Description>): Spare {
  let next: Promise<Description> | undefined;
  let closed = false;

  function prepare(): void {
    if (next || closed) return;
    const opening = open();
    next = opening;
    // Whoever needs one next tries again, and is told.
    opening.catch(() => {
      if (next === opening) next = undefined;
    });
  }

  return {
    take() {
      const taken = next ?? open();
      next = undefined;
      const opened = () => void setImmediate(prepare);
      taken.then(opened, opened);
      return taken;
    },
    [Symbol.dispose]() {
      closed = true;
      next?.then(
        (description) => description[Symbol.dispose](),
        () => {},
      );
    },
  };
}
