/** The built program with a real server, before any guest: what it serves, and how it ends. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startConsole } from './console-process.js';

describe('the console, as a process', () => {
  it('serves the built page with all it refers to', async () => {
    await using started = await startConsole();
    const html = await (await fetch(started.url)).text();
    const references = [...html.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)].map((match) => match[1] as string);
    expect(references.length).toBeGreaterThanOrEqual(2);
    for (const reference of references) {
      const { status } = await fetch(new URL(reference, started.url));
      expect(status, reference).toBe(200);
    }
    expect((await fetch(new URL('/', started.url))).status).toBe(403);
  });

  it('takes viewers while there is no guest, and tells them when it ends', async () => {
    const started = await startConsole();
    const viewer = new WebSocket(started.videoUrl, { origin: new URL(started.url).origin });
    await once(viewer, 'open');
    const closed = once(viewer, 'close');
    await started[Symbol.asyncDispose]();
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([1001, 'the console has ended']);
  });

  it('ends with an error that names the server when the server is gone', async () => {
    await using started = await startConsole();
    started.server.kill('SIGKILL');
    const { code } = await started.console.ended;
    expect(code).toBe(1);
    expect(started.processes.logLines.join('\n')).toMatch(
      /console: error: .*the server closed the connection/,
    );
  });
});
