// All cases, in tiers by what they cost, and the mistakes that they catch.
import type { Case } from '../model.js';
import { blocked } from './blocked.js';
import { bareClaims, claims, takeByLookAndStore } from './claims.js';
import { guestDriver } from './guest-driver.js';
import { headerReceiver } from './header.js';
import {
  acknowledgeAfterScan,
  ignoreWhenNotRaised,
  neverWakes,
  raiseBeforeInsert,
  silentWhenFull,
  stopWhenAlreadyThere,
  testBeforeAcknowledge,
  testOnlyHinted,
} from './mutants.js';
import { byteRing, packetRing } from './rings.js';
import { signals } from './signals.js';

const twoSlots = { slotCountLog2: 1 };
const [A, B, C] = [0, 1, 2];

/** Together a few seconds. */
export const smallCases: readonly Case[] = [
  signals({ name: 'two posters of two words, one receiver', ...twoSlots, posters: [A, B] }),
  signals({ name: 'two posters of one word, one receiver', ...twoSlots, posters: [A, A] }),
  signals({ name: 'full table: three words, two slots', ...twoSlots, posters: [A, B, C] }),
  signals({ name: 'plain reads of slots may miss', ...twoSlots, posters: [A, B], plainReadsMayMiss: true }),
  signals({ name: 'a poster is killed', ...twoSlots, posters: [A], mortalPosters: 1 }),
  signals({ name: 'one of two posters is killed', ...twoSlots, posters: [A, B], mortalPosters: 1 }),
  signals({
    name: 'one of two posters of one word is killed',
    ...twoSlots,
    posters: [A, A],
    mortalPosters: 1,
  }),
  signals({ name: 'two posters are killed', ...twoSlots, posters: [A, B], mortalPosters: 2 }),
  signals({ name: 'two host processes, one poster', ...twoSlots, posters: [A], receivers: 2 }),
  signals({
    name: 'two host processes, one is killed in mid-drain',
    ...twoSlots,
    posters: [A],
    receivers: 2,
    mortalReceivers: 1,
  }),
  headerReceiver({ name: 'receiver by the header’s letter, one word', ...twoSlots, posters: [A] }),
  blocked({ name: 'worker blocked on a futex', ...twoSlots, posters: [A], workers: [A] }),
  blocked({ name: 'the same, two posters', ...twoSlots, posters: [A, A], workers: [A] }),
  blocked({
    name: 'another process takes the worker’s hints, and may be killed',
    ...twoSlots,
    posters: [A],
    workers: [A],
    processes: 2,
    mortalProcesses: 1,
  }),
  guestDriver({ name: 'guest driver receives', ...twoSlots, posters: [A, A], waiters: [A] }),
  guestDriver({
    name: 'guest driver, poster is killed',
    ...twoSlots,
    posters: [A],
    waiters: [A],
    mortalPosters: 1,
  }),
  guestDriver({ name: 'WAIT receiver takes over', ...twoSlots, posters: [A], waiters: [A], receivers: 1 }),
  guestDriver({
    name: 'WAIT receiver is killed in mid-drain',
    ...twoSlots,
    posters: [A],
    waiters: [A],
    receivers: 1,
    mortalReceivers: 1,
  }),
  guestDriver({
    name: 'WAIT receiver, poster is killed',
    ...twoSlots,
    posters: [A],
    waiters: [A],
    receivers: 1,
    mortalPosters: 1,
  }),
  bareClaims({ name: 'owner word alone, three claimants', claimants: 3 }),
  claims({ name: 'two claimants', claimants: 2, keeps: true }),
  claims({ name: 'two claimants, two rounds', claimants: 2, rounds: 2 }),
  claims({ name: 'two claimants and a scribbler', claimants: 2, rounds: 2, scribbles: [0, 77, 0] }),
  byteRing({ name: 'ring of two, ends open together', records: 1 }),
  byteRing({ name: 'ring of two, filled', records: 2, opensFirst: true }),
];

/** Together a few minutes. */
export const largeCases: readonly Case[] = [
  signals({ name: 'two host processes, two words', ...twoSlots, posters: [A, B], receivers: 2 }),
  signals({ name: 'two host processes, one word', ...twoSlots, posters: [A, A], receivers: 2 }),
  signals({
    name: 'two host processes, two posters of one word, one of each is killed',
    ...twoSlots,
    posters: [A, A],
    mortalPosters: 1,
    receivers: 2,
    mortalReceivers: 1,
  }),
  signals({ name: 'full table, a poster is killed', ...twoSlots, posters: [A, B, C], mortalPosters: 1 }),
  headerReceiver({ name: 'receiver by the header’s letter, two posters', ...twoSlots, posters: [A, A] }),
  headerReceiver({ name: 'receiver by the header’s letter, two words', ...twoSlots, posters: [A, B] }),
  blocked({ name: 'two workers blocked on two words', ...twoSlots, posters: [A, B], workers: [A, B] }),
  guestDriver({ name: 'WAIT receiver, two words', ...twoSlots, posters: [A, B], waiters: [B], receivers: 1 }),
  guestDriver({
    name: 'WAIT receiver, full table',
    slotCountLog2: 0,
    posters: [A, B],
    waiters: [B],
    receivers: 1,
  }),
  guestDriver({
    name: 'two WAIT receivers, one is killed in mid-drain',
    slotCountLog2: 0,
    posters: [A],
    waiters: [A],
    receivers: 2,
    mortalReceivers: 1,
  }),
  guestDriver({ name: 'guest driver, two words', ...twoSlots, posters: [A, B], waiters: [A, B] }),
  claims({ name: 'three claimants, two rounds', claimants: 3, rounds: 2 }),
  byteRing({ name: 'ring of two, ends open together, filled', records: 2 }),
  byteRing({ name: 'ring of two, wrapped', records: 3, opensFirst: true }),
  packetRing({ name: 'packets through a ring of two, wrapped', records: 3, opensFirst: true }),
];

/** Mistakes; each must end in a counterexample. */
export const mutants: readonly Case[] = [
  headerReceiver({ name: 'step 6 is skipped', ...twoSlots, posters: [A, B], looksBeforeSleep: false }),
  guestDriver({
    name: 'the driver’s WAIT skips step 6',
    ...twoSlots,
    posters: [A, B],
    waiters: [B],
    receivers: 1,
    skipsStep6: true,
  }),
  signals({
    name: 'the interrupt word is lowered after the scan',
    ...twoSlots,
    posters: [A, B],
    onEdge: acknowledgeAfterScan,
  }),
  signals({
    name: 'waiters are tested before the interrupt word is lowered',
    ...twoSlots,
    posters: [A, B],
    onEdge: testBeforeAcknowledge,
  }),
  headerReceiver({
    name: 'the interrupt word is raised before the hint',
    ...twoSlots,
    posters: [A, B],
    post: raiseBeforeInsert,
  }),
  signals({
    name: 'only hinted words are tested, with a full table',
    ...twoSlots,
    posters: [A, B, C],
    onEdge: testOnlyHinted,
  }),
  signals({
    name: 'an edge with the word at 0 is ignored, with two host processes',
    ...twoSlots,
    posters: [A, B],
    receivers: 2,
    onEdge: ignoreWhenNotRaised,
  }),
  signals({
    name: 'nobody rings for a poster that was killed',
    ...twoSlots,
    posters: [A, B],
    mortalPosters: 1,
    afterDeath: 'nobody',
  }),
  signals({
    name: 'a hint that is there already ends the post, and nobody rings for the dead',
    ...twoSlots,
    posters: [A, A],
    mortalPosters: 1,
    afterDeath: 'nobody',
    post: stopWhenAlreadyThere,
  }),
  blocked({
    name: 'the loop wakes only those whose hints it took',
    ...twoSlots,
    posters: [A],
    workers: [A],
    processes: 2,
    mortalProcesses: 1,
    wakesHintedOnly: true,
  }),
  bareClaims({ name: 'the owner word is looked at, then stored to', claimants: 2, take: takeByLookAndStore }),
  claims({ name: 'the driver believes the owner word', claimants: 2, scribbles: [0], forgetful: true }),
  byteRing({
    name: 'the producer publishes its cursor before the bytes',
    records: 2,
    opensFirst: true,
    copiesLate: true,
  }),
  byteRing({
    name: 'the producer never wakes the consumer',
    records: 1,
    opensFirst: true,
    alterProducer: neverWakes,
  }),
];

/** Deviations that lose nothing, because the words are the truth: what that principle is worth. */
export const harmless: readonly Case[] = [
  signals({
    name: 'the interrupt word is raised before the hint, all waiters are tested',
    ...twoSlots,
    posters: [A, B],
    post: raiseBeforeInsert,
  }),
  signals({
    name: 'a hint that is there already ends the post, nobody is killed',
    ...twoSlots,
    posters: [A, A],
    post: stopWhenAlreadyThere,
  }),
  signals({
    name: 'a full table ends the post, nobody is killed',
    slotCountLog2: 0,
    posters: [A, B],
    post: silentWhenFull,
  }),
  signals({
    name: 'an edge with the word at 0 is ignored, one host process',
    ...twoSlots,
    posters: [A, B],
    onEdge: ignoreWhenNotRaised,
  }),
];

/** Everything, by its name. */
export const allCases: readonly Case[] = [...smallCases, ...largeCases, ...mutants, ...harmless];
