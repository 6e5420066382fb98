// What every HAL must hold, in the order in which a failure is most telling.

import type { Case } from './case.js';
import { closedRefuses, closesTwice, closingEndsWaits, leavesNothing } from './cases/closing.js';
import { outlivesCrash, reportsCrash, survivesListener, survivesTeller } from './cases/deaths.js';
import { guestHoldsOut, hostHoldsOut } from './cases/hostility.js';
import { opensAndCloses, refusesEarlierWindow, refusesLaterWindow } from './cases/opening.js';
import { guestLeavesTurns, hostLeavesTurns } from './cases/restlessness.js';
import { signalsGuest, signalsHost } from './cases/signals.js';

export const conformanceCases = {
  opensAndCloses,
  refusesLaterWindow,
  refusesEarlierWindow,
  signalsHost,
  signalsGuest,
  survivesTeller,
  survivesListener,
  reportsCrash,
  outlivesCrash,
  hostHoldsOut,
  guestHoldsOut,
  hostLeavesTurns,
  guestLeavesTurns,
  closingEndsWaits,
  closesTwice,
  closedRefuses,
  leavesNothing,
} as const satisfies Readonly<Record<string, Case>>;

export type CaseName = keyof typeof conformanceCases;
