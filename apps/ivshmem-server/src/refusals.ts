// Refusals in the log: each one by itself while they are few, and one line a second with their number when somebody
// comes in a flood. Whoever reads the log must not be flooded too.

export interface Refusals extends Disposable {
  add(who: string, reason: string): void;
}

const linesPerSecond = 10;
const secondMs = 1000;

export function openRefusals(log: (line: string) => void): Refusals {
  let lines = 0;
  let unsaid = 0;
  let second: NodeJS.Timeout | undefined;

  function startAgain(): void {
    second = undefined;
    if (unsaid > 0) log(`refused ${unsaid} more`);
    lines = 0;
    unsaid = 0;
  }
  return {
    add(who, reason) {
      second ??= setTimeout(startAgain, secondMs);
      if (lines++ < linesPerSecond) log(`refused a ${who}: ${reason}`);
      else unsaid++;
    },
    [Symbol.dispose]() {
      clearTimeout(second);
      startAgain();
    },
  };
}
