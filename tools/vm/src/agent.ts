// The host's end of the agent in the guest: its programs as objects, much like children of this process.
import type { AgentSpec, FromAgent, ToAgent } from './agent-messages.js';
import type { GuestProgram } from './init.js';
import { readLines } from './lines.js';
import type { Machine } from './machine.js';

/** The machine's program that makes an agent possible. */
export const agentProgram: GuestProgram = {
  name: 'agent',
  command: ['node', 'tools/vm/dist/guest/agent.js'],
};

export interface GuestChildSpec extends Omit<AgentSpec, 'args' | 'hasStream'> {
  readonly args?: readonly string[];
  readonly onLine?: (line: string) => void;
  readonly onReport?: (report: object) => void;
  /** With it, the program has a stream; called with each object that it says there. */
  readonly onSaid?: (message: object) => void;
}

export interface GuestChild {
  readonly name: string;
  /** What the program passed to `ready`; rejects when it ends before. */
  readonly ready: Promise<object>;
  /** Never rejects; resolves too when the machine ends. */
  readonly ended: Promise<{ readonly text: string; readonly code: number | null }>;
  send(message: object): void;
  kill(signal?: NodeJS.Signals): void;
}

export interface GuestAgent {
  start(spec: GuestChildSpec): GuestChild;
}

interface Waiting {
  readonly spec: GuestChildSpec;
  onReady(info: object): void;
  onEnded(end: { text: string; code: number | null }): void;
}

/** Resolves once the agent has said that it is up; rejects when the machine ends before. */
export async function openAgent(machine: Machine): Promise<GuestAgent> {
  const children = new Map<number, Waiting>();
  let nextChild = 1;
  let isUp = () => {};
  const up = new Promise<void>((resolve) => {
    isUp = resolve;
  });
  const gone = machine.ended.then(({ text }) => {
    for (const child of children.values()) child.onEnded({ text, code: null });
    children.clear();
    return text;
  });
  const socket = await Promise.race([machine.control, gone.then(failed)]);
  readLines(socket, (line) => handle(JSON.parse(line) as FromAgent));
  await Promise.race([up, gone.then(failed)]);

  function handle(message: FromAgent): void {
    if ('up' in message) {
      isUp();
      return;
    }
    const child = children.get(message.child);
    if (!child) return;
    if ('ready' in message) child.onReady(message.ready);
    else if ('line' in message) child.spec.onLine?.(message.line);
    else if ('report' in message) child.spec.onReport?.(message.report);
    else if ('said' in message) child.spec.onSaid?.(message.said);
    else {
      children.delete(message.child);
      child.onEnded(message.ended);
    }
  }
  const tell = (message: ToAgent) => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
  };

  return {
    start(spec) {
      const child = nextChild++;
      const { name, program, args = [], onSaid } = spec;
      let onEnded: Waiting['onEnded'] = () => {};
      const ended = new Promise<{ text: string; code: number | null }>((resolve) => {
        onEnded = resolve;
      });
      const ready = new Promise<object>((onReady, reject) => {
        children.set(child, { spec, onReady, onEnded });
        void ended.then(({ text }) => reject(new Error(`${name} in the guest ${text} before it was ready`)));
      });
      ready.catch(() => {}); // who does not wait for it watches `ended`
      tell({ child, start: { name, program, args, hasStream: onSaid !== undefined } });
      return {
        name,
        ready,
        ended,
        send: (message) => tell({ child, send: message }),
        kill: (signal = 'SIGKILL') => tell({ child, kill: signal }),
      };
    },
  };
}

function failed(text: string): never {
  throw new Error(`the machine ended before its agent was up: ${text}`);
}
