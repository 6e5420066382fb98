// What a worker of the storm counts and reports.

/** What it did. A receive is counted by who received. */
export const operations = ['allocate', 'send', 'receive', 'duplicate', 'free', 'look'] as const;
/** Why it did not: no room, budget spent, between two allocators, nobody there or no room in the socket. */
export const refusals = ['ENOSPC', 'EDQUOT', 'no allocator', 'no receiver'] as const;

export type Operation = (typeof operations)[number];
export type Counted = Operation | (typeof refusals)[number];
export type StormCounts = Partial<Record<Counted, number>>;
