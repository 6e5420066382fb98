// The slow timer: for what even the keepers miss, such as a poster killed between hint and doorbell. It must never
// hide a bug, so it acts only when no edge comes in a grace time, and says when it did anybody any good.

export const slowTimerMs = 1000;
/** Time for an edge that is under way to arrive before it counts as lost. */
const edgeGraceMs = 20;

/** 'off' is for tests that prove that nobody needs it: a lost wake-up then stays lost. */
export type SlowTimerMode = 'on' | 'off';

export interface SlowTimerSubject {
  /** Edges taken so far. */
  edges(): number;
  /** The interrupt word is raised, or a waiter sleeps although its word differs. */
  isSuspect(): boolean;
  /** Receives as if an edge had come; true when a waiter was released. */
  heal(): boolean;
}

/** Looks at `subject` every second; `onHeal` tells of each heal that released a waiter. */
export function startSlowTimer(subject: SlowTimerSubject, onHeal: () => void): Disposable {
  let grace: NodeJS.Timeout | undefined;
  const lap = setInterval(() => {
    if (!subject.isSuspect()) return;
    const seen = subject.edges();
    grace = setTimeout(() => {
      if (subject.edges() === seen && subject.heal()) onHeal();
    }, edgeGraceMs);
    grace.unref();
  }, slowTimerMs);
  lap.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(lap);
      clearTimeout(grace);
    },
  };
}
