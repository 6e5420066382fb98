// The other process of the tests that are about two: runs one verb on the descriptors it inherited (from 3
// on) and says in JSON lines what it saw. It loads dist/, since Node 20 runs no TypeScript.
import { openSync, readdirSync, readFileSync } from 'node:fs';
import * as native from '../dist/index.js';

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const inSeconds = (seconds) => process.hrtime.bigint() + BigInt(seconds) * 1_000_000_000n;
const wordsOf = (fd) => new Int32Array(native.mapWindow(fd, native.assertSealed(fd)).buffer);
const isCloseOnExec = (fd) =>
  (Number.parseInt(/flags:\t(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`))[1], 8) & 0o2000000) !== 0;
const countFds = () => readdirSync('/proc/self/fd').length;

const verbs = {
  /** Adds at word 1 as soon as word 0, the gate, is raised. */
  add(count) {
    const words = wordsOf(3);
    say('ready');
    while (Atomics.load(words, 0) === 0) native.futexWait(words, 0, 0, inSeconds(10));
    for (let turn = 0; turn < Number(count); turn++) Atomics.add(words, 1, 1);
  },

  sleep() {
    const words = wordsOf(3);
    process.on('SIGUSR1', () => {});
    say('ready');
    say(native.futexWait(words, 0, 0, inSeconds(10)));
  },

  hold() {
    setInterval(() => {}, 1000);
    say('ready');
  },

  /** Publishes 1 to count in word 0, one signal each. */
  signal(count) {
    const words = wordsOf(3);
    for (let turn = 1; turn <= Number(count); turn++) {
      Atomics.store(words, 0, turn);
      native.signalEventfd(4);
    }
  },

  receive() {
    const into = new Uint8Array(16);
    native.waitReadable(3, 10_000);
    const { byteCount, fds } = native.receiveMessage(3, into);
    const [memfd, doorbell] = fds.map((each) => each.fd);
    Atomics.add(wordsOf(memfd), 0, 1);
    native.signalEventfd(doorbell);
    const text = Buffer.from(into.subarray(0, byteCount)).toString();
    say({ text, closeOnExec: [memfd, doorbell].map(isCloseOnExec) });
  },

  /** Receives descriptors while its table is full: the kernel cuts them off. */
  receiveWithFullTable() {
    const filler = [];
    try {
      for (;;) filler.push(openSync('/dev/null'));
    } catch {}
    native.OwnedFd.own(filler.pop(), 'room for one')[Symbol.dispose]();
    native.OwnedFd.own(filler.pop(), 'room for readdir')[Symbol.dispose]();
    const before = countFds();
    try {
      native.receiveMessage(3, new Uint8Array(16));
      say('received');
    } catch (error) {
      say({ code: error.code, message: error.message, leaked: countFds() - before });
    }
  },

  connect(path) {
    const connection = native.connectUnix(path, 'stream');
    say(native.peerCredentials(connection.fd).pid);
    setInterval(() => connection.fd, 1000);
  },

  throwInCallback() {
    const doorbell = native.createEventfd();
    native.watch(doorbell.fd, 'edge', () => {
      throw new Error('thrown by the callback');
    });
    process.on('uncaughtException', (error) => {
      say(error.message);
      process.exit();
    });
    native.signalEventfd(doorbell.fd);
  },

  /** Ends by itself only if an unreferenced watch keeps nothing alive. */
  unref() {
    const doorbell = native.createEventfd();
    native.watch(doorbell.fd, 'edge', () => {}).unref();
    say('ready');
  },
};

const [verb, ...args] = process.argv.slice(2);
verbs[verb](...args);
