// The two kinds of UNIX socket that are used: both reliable and in order, seqpacket keeps message borders.

/** Linux's numbers on x86-64. */
export const socketTypes = { stream: 1, seqpacket: 5 } as const;
export type SocketType = keyof typeof socketTypes;
