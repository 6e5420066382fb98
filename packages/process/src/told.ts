// What a launcher tells its child while it runs: facts that only the launcher knows, such as the death of another
// process of the run. They wait here until the program asks for them.

export interface Told {
  push(message: object): void;
  /** One reader; ends with the signal. */
  readonly messages: AsyncIterable<object>;
}

export function openTold(signal: AbortSignal): Told {
  const waiting: object[] = [];
  let wake = () => {};
  signal.addEventListener('abort', () => wake(), { once: true });

  async function* read(): AsyncGenerator<object> {
    while (!signal.aborted) {
      const message = waiting.shift();
      if (message !== undefined) yield message;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  return {
    push(message) {
      waiting.push(message);
      wake();
    },
    messages: { [Symbol.asyncIterator]: read },
  };
}
