// The agent in the guest: starts and kills the guest's programs as the host says over the control port, and passes on what
// they say. For tests and benches, which want processes in a machine as they have them on the host.
import { once } from 'node:events';
import { Socket } from 'node:net';
import { createSocketPair } from '@vsoc/native';
import { runMain } from '@vsoc/process';
import { type Child, launch } from '@vsoc/process/launcher';
import type { AgentSpec, FromAgent, ToAgent } from '../agent-messages.js';
import { openJsonPort } from './json-port.js';

interface Running {
  readonly process: Child;
  readonly stream: Socket | undefined;
}

runMain('agent', async ({ signal, ready }) => {
  const path = process.env.VSOC_CONTROL_PORT;
  if (!path) throw new Error('VSOC_CONTROL_PORT is not set: this runs inside a machine only');
  const children = new Map<number, Running>();
  using port = openJsonPort(path, (message) => handle(message as ToAgent));
  const tell = (message: FromAgent) => port.send(message);

  function handle(message: ToAgent): void {
    const running = children.get(message.child);
    if ('start' in message) children.set(message.child, startChild(message.child, message.start));
    else if ('kill' in message) running?.process.kill(message.kill);
    else running?.stream?.write(`${JSON.stringify(message.send)}\n`);
  }

  function startChild(child: number, { name, program, args, hasStream }: AgentSpec): Running {
    using pair = hasStream ? openStream((said) => tell({ child, said })) : undefined;
    const started = launch({
      name,
      program,
      args,
      fds: pair ? [pair.fd] : [],
      onLine: (line) => tell({ child, line }),
      onReport: (report) => tell({ child, report }),
    });
    // It rejects when the child ends before, which is told all the same.
    started.ready.then((info) => tell({ child, ready: info })).catch(() => {});
    void started.ended.then(({ text, code, lastError }) => {
      children.delete(child);
      pair?.stream.destroy();
      tell({ child, ended: { text: lastError === undefined ? text : `${text}: ${lastError}`, code } });
    });
    return { process: started, stream: pair?.stream };
  }

  tell({ up: true });
  ready();
  if (!signal.aborted) await once(signal, 'abort');
});

/** `fd` is the child's end, and disposed with the pair once the child has it; the stream stays. */
function openStream(onSaid: (message: object) => void): { fd: number; stream: Socket } & Disposable {
  const [mine, theirs] = createSocketPair('stream');
  const stream = new Socket({ fd: mine.release(), readable: true, writable: true });
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('error', () => {}); // the child's end tells
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onSaid(JSON.parse(line));
  });
  return { fd: theirs.fd, stream, [Symbol.dispose]: () => theirs[Symbol.dispose]() };
}
