// What a HAL says of itself so that the conformance suite can try it: how its halves are opened, how something gets
// across, and how a half learns of it. Nothing here says where the halves run.

import type { RunPaths } from '@vsoc/process';
import type { GuestDevice } from '@vsoc/vsoc/guest';
import type { HostDevice } from '@vsoc/vsoc/host';
import type { RegionDefinition } from '@vsoc/vsoc/layout';

/** Names what was put across, so that it can be told apart from all before: a count, a serial, a reference. */
export type Mark = number | string | { readonly [name: string]: Mark };

export interface GuestPlace {
  readonly device: GuestDevice;
  readonly paths: RunPaths;
}

export interface HostPlace {
  readonly device: HostDevice;
  readonly paths: RunPaths;
}

/** How long an operation may take. A half that knows one of the two only is given that one. */
export interface Bound {
  readonly deadlineNs: bigint;
  /** Aborts somewhat after the deadline. */
  readonly signal: AbortSignal;
}

/** One half. Of the four operations it has those that mean something for it. */
export interface HalfUnderTest<Place, Half extends Disposable = Disposable, M extends Mark = Mark> {
  open(place: Place): Promise<Half>;
  /** Puts something new across. Exactly one side of a HAL has it. */
  tell?(half: Half): M | Promise<M>;
  /** Waits for what comes across next. The listening side of a HAL whose halves signal has it. */
  hear?(half: Half, bound: Bound): Promise<M>;
  /** Finds what `mark` stands for without waiting. The listening side has it where it is asked and never waits. */
  look?(half: Half, mark: M): M | Promise<M>;
  /** Waits until the listening half has dealt with `mark`; 'timed-out' when the deadline came first. */
  untilAnswered?(half: Half, mark: M, bound: Bound): Promise<unknown>;
}

export type Operation = 'tell' | 'hear' | 'look' | 'untilAnswered';

export interface Hal<
  Guest extends Disposable = Disposable,
  Host extends Disposable = Disposable,
  M extends Mark = Mark,
> {
  readonly name: string;
  /** Its regions, in the order of the window; `system` comes before them. */
  readonly regions: readonly RegionDefinition[];
  /** Programs of the guest besides its driver, paths from the root of the repository, in the order of their start. */
  readonly guestPrograms?: readonly string[];
  readonly guest: HalfUnderTest<GuestPlace, Guest, M>;
  readonly host: HalfUnderTest<HostPlace, Host, M>;
  /**
   * After an attack on its words: 'goes-on' (the default), the halves make do with what was scribbled; 'restored', the
   * words are put back first, for a HAL in which only a new guest can.
   */
  readonly afterAttack?: 'goes-on' | 'restored';
}

export type Side = 'guest' | 'host';

/** Which side puts something across. */
export function tellerOf(hal: Hal): Side {
  return hal.guest.tell ? 'guest' : 'host';
}

export function listenerOf(hal: Hal): Side {
  return hal.guest.tell ? 'host' : 'guest';
}

/** The operation in which a side sleeps, if there is one. */
export function waitOf(hal: Hal, side: Side): 'hear' | 'untilAnswered' | undefined {
  if (hal[side].hear) return 'hear';
  return hal[side].untilAnswered ? 'untilAnswered' : undefined;
}
