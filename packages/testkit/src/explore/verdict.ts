// What is wrong with a state: an error of the code itself, then what the model checks, then who sleeps for ever.
import type { Model, Now } from './model.js';
import { at } from './space.js';
import type { State } from './state.js';
import type { Thread } from './thread.js';
import { cellOf } from './words.js';

/** `isEnd`: nobody can go on. */
export function verdicts(
  model: Model,
  threads: readonly Thread[],
): (state: State, isEnd: boolean) => string | undefined {
  const plans = Object.values(model.threads);

  function ownError(state: State): string | undefined {
    for (const [index, { standing }] of state.threads.entries()) {
      if (standing.at === 'error') return `${threads[index]?.name}: ${standing.error.stack}`;
    }
    return undefined;
  }

  function endless({ memory, threads: standings }: State): string | undefined {
    for (const [index, { standing }] of standings.entries()) {
      if (plans[index]?.isService || standing.at !== 'operation') continue;
      if (standing.operation.mayRest?.(memory) === true) continue;
      return `${threads[index]?.name} sleeps for ever: ${standing.operation.what}`;
    }
    return undefined;
  }

  return (state, isEnd) => {
    const wrong = ownError(state) ?? model.always?.(nowOf(state));
    if (wrong !== undefined || !isEnd) return wrong;
    return model.atEnd === undefined ? endless(state) : model.atEnd(nowOf(state));
  };
}

function nowOf({ memory }: State): Now {
  return {
    cell: (cell) => at(memory, cell.index),
    word(words, index) {
      const cell = cellOf(words, index);
      if (cell === undefined) throw new Error('these words do not belong to the model');
      return at(memory, cell.index);
    },
  };
}
