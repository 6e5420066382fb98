// What the host and the agent in the guest tell one another over the control port: JSON objects, one a line. Children are
// named by numbers that the host gives.

export interface AgentSpec {
  readonly name: string;
  /** From the checkout's root. */
  readonly program: string;
  readonly args: readonly string[];
  /** It gets a stream of JSON lines as descriptor `firstPassedFd`, whose other end is `send` and `said`. */
  readonly hasStream: boolean;
}

export type ToAgent =
  | { readonly child: number; readonly start: AgentSpec }
  | { readonly child: number; readonly send: object }
  | { readonly child: number; readonly kill: NodeJS.Signals };

export type FromAgent =
  | { readonly up: true }
  | { readonly child: number; readonly ready: object }
  | { readonly child: number; readonly line: string }
  | { readonly child: number; readonly report: object }
  | { readonly child: number; readonly said: object }
  | { readonly child: number; readonly ended: { readonly text: string; readonly code: number | null } };
