// Log lines of one kind: each one by itself while they are few, and one line a second with their number when they come in
// a flood. Whoever reads the log must not be flooded too.

export interface FewLines extends Disposable {
  /** `line` logs it, at once or not at all. */
  say(line: () => void): void;
}

const linesPerSecond = 10;
const secondMs = 1000;

/** `sayMore` logs how many lines were left out. */
export function openFewLines(sayMore: (count: number) => void): FewLines {
  let lines = 0;
  let unsaid = 0;
  let second: NodeJS.Timeout | undefined;

  function startAgain(): void {
    second = undefined;
    if (unsaid > 0) sayMore(unsaid);
    lines = 0;
    unsaid = 0;
  }
  return {
    say(line) {
      second ??= setTimeout(startAgain, secondMs);
      if (lines++ < linesPerSecond) line();
      else unsaid++;
    },
    [Symbol.dispose]() {
      clearTimeout(second);
      startAgain();
    },
  };
}
