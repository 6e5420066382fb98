// A guest driver in a thread of its own that says what a test wants it to say: for clients that block theirs.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { listenUnix } from '@vsoc/native';
import { channelReply, encode, openAnswer } from '../wire/index.js';

export interface DriverThreadTask {
  readonly path: string;
  /** Of the answer to the first request, after `replyAfterMs` if no other message comes before. */
  readonly status: number;
  readonly replyAfterMs: number;
  /** Instead of an answer it ends. */
  readonly hangsUp?: boolean;
  /** Raised half-way to the answer. */
  readonly stop: Int32Array;
}

/** Its first id is 1, as that of every channel. */
const firstId = 1;

// Plain JavaScript: a thread does not run the sources as the tests do.
const program = `
  const { parentPort, workerData: task } = require('node:worker_threads');
  import('@vsoc/native').then(({ acceptUnix, receiveMessage, sendMessage, waitReadable }) => {
    parentPort.postMessage('ready');
    waitReadable(task.listener);
    const connection = acceptUnix(task.listener);
    sendMessage(connection.fd, task.answer);
    waitReadable(connection.fd);
    const { fds } = receiveMessage(connection.fd, new Uint8Array(4096));
    for (const fd of fds) fd[Symbol.dispose]();
    waitReadable(connection.fd, task.replyAfterMs / 2);
    task.stop[0] = 1;
    const heard = waitReadable(connection.fd, task.replyAfterMs / 2);
    if (heard === 'timed-out' && !task.hangsUp) {
      sendMessage(connection.fd, task.reply);
      waitReadable(connection.fd);
    }
    connection[Symbol.dispose]();
  });`;

/** Resolves when it listens. */
export async function startDriverThread(task: DriverThreadTask): Promise<AsyncDisposable> {
  const listener = listenUnix(task.path, 'seqpacket', 0o600);
  const answer = encode(openAnswer, {
    status: 0,
    regionIndex: 0xffff_ffff,
    windowBytes: 0x1_0000,
    epoch: 1,
    bus: 0,
    doorbellValue: 0,
    windowOffset: 0n,
    doorbellOffset: 0n,
  });
  const reply = encode(channelReply, { id: firstId, status: task.status, argumentBytes: 0 });
  const workerData = { ...task, listener: listener.fd, answer, reply };
  const worker = new Worker(program, { eval: true, execArgv: [], workerData });
  await once(worker, 'message');
  return {
    async [Symbol.asyncDispose]() {
      await once(worker, 'exit');
      listener[Symbol.dispose]();
    },
  };
}
