import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EmbeddedError } from '../../src/embedded/embedded-error.js';
import { anyFreePort } from '../../src/embedded/free-port.js';
import { isRunning, type ProcessMark } from '../../src/embedded/process-mark.js';
import { type RunningTemporal, startTemporal, type TemporalOptions } from '../../src/embedded/temporal.js';
import { quiet, scratch } from './scratch.js';

let place: ReturnType<typeof scratch>;
const started: RunningTemporal[] = [];

beforeEach(() => {
  place = scratch();
});

afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
  place.remove();
});

async function start(options: Partial<TemporalOptions> = {}): Promise<RunningTemporal> {
  const server = await startTemporal({
    dataDir: place.path,
    namespace: 'slipway',
    speedIsOne: true,
    searchAttributes: { OnbTestPhase: 'Keyword', OnbTestWake: 'Datetime' },
    progress: quiet,
    ...options,
  });
  started.push(server);
  return server;
}

async function failure(options: Partial<TemporalOptions>): Promise<EmbeddedError> {
  const error = await start(options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(EmbeddedError);
  return error as EmbeddedError;
}

async function ask<Answer>(server: RunningTemporal, question: (connection: Connection) => Promise<Answer>) {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await question(connection);
  } finally {
    await connection.close();
  }
}

const pidFile = () => join(place.path, 'temporal.pid');
const mark = () => JSON.parse(readFileSync(pidFile(), 'utf8')) as ProcessMark & { port: number };
const namespaceId = (server: RunningTemporal) =>
  ask(server, async (connection) => {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'slipway' });
    return namespaceInfo?.id;
  });

async function block(port: number): Promise<() => Promise<void>> {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(port, '127.0.0.1', resolve));
  return () => new Promise((resolve) => blocker.close(() => resolve()));
}

describe('the embedded Temporal server', () => {
  it('serves its namespace with the search attributes as soon as start returns, and keeps both over a restart', async () => {
    const first = await start();
    const id = await namespaceId(first);
    const attributes = await ask(first, (connection) =>
      connection.operatorService.listSearchAttributes({ namespace: 'slipway' }),
    );
    expect(Object.keys(attributes.customAttributes ?? {})).toEqual(
      expect.arrayContaining(['OnbTestPhase', 'OnbTestWake']),
    );
    expect((await fetch(first.uiUrl)).ok).toBe(true);
    expect(statSync(join(place.path, 'temporal.db')).mode & 0o077).toBe(0);
    await first.stop();
    await first.stop();
    await expect(fetch(first.uiUrl)).rejects.toThrow();

    const second = await start();

    expect(second.adopted).toBe(false);
    expect(await namespaceId(second)).toBe(id);
  });

  it('adopts the server that an earlier start left running, and stops it like its own', async () => {
    const first = await start();
    const left = mark();

    const second = await start();

    expect(second).toMatchObject({ adopted: true, address: first.address, uiUrl: first.uiUrl });
    expect(mark()).toEqual(left);
    await second.stop();
    expect(isRunning(left)).toBe(false);
  });

  it('replaces a server left behind that runs otherwise than this start needs it, data kept', async () => {
    const first = await start();
    const id = await namespaceId(first);
    const left = mark();

    const second = await start({ speedIsOne: false });

    expect(second.adopted).toBe(false);
    expect(isRunning(left)).toBe(false);
    expect(await namespaceId(second)).toBe(id);
    const command = execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(mark().pid)], { encoding: 'utf8' });
    expect(command).toContain('history.timerProcessorMaxTimeShift="20ms"');
  });

  it('stops a server of this directory that no pid file knows of, so that two never write one file', async () => {
    await start();
    const left = mark();
    rmSync(pidFile());

    const second = await start();

    expect(second.adopted).toBe(false);
    expect(isRunning(left)).toBe(false);
  });

  it('leaves alone a program that was given the pid of a dead server', async () => {
    const stranger = spawn('sleep', ['300']);
    const content = {
      pid: stranger.pid,
      born: 'long ago',
      port: 1,
      uiPort: 1,
      httpPort: 1,
      namespace: 'slipway',
      speedIsOne: true,
    };
    writeFileSync(pidFile(), JSON.stringify(content));

    const server = await start();

    expect(server.adopted).toBe(false);
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
    stranger.kill();
  });

  it('comes up with its data after a kill -9', async () => {
    const first = await start();
    const id = await namespaceId(first);
    process.kill(mark().pid, 'SIGKILL');

    const second = await start();

    expect(second.adopted).toBe(false);
    expect(await namespaceId(second)).toBe(id);
  });

  it('makes its file anew when a kill left it half-made, and never one that was served from', async () => {
    writeFileSync(join(place.path, 'temporal.db.unfinished'), '');
    writeFileSync(join(place.path, 'temporal.db'), '');

    const first = await start();
    const id = await namespaceId(first);
    // Killed between the server's being ready and the note of it: the next start adopts the server and makes the note.
    writeFileSync(join(place.path, 'temporal.db.unfinished'), '');
    await (await start()).stop();

    expect(await namespaceId(await start())).toBe(id);
  });

  it('listens where it was told to, and names the setting when that port is taken', async () => {
    const [port, uiPort] = [await anyFreePort(), await anyFreePort()];
    const server = await start({ port, uiPort });
    expect(server).toMatchObject({ address: `127.0.0.1:${port}`, uiUrl: `http://127.0.0.1:${uiPort}` });
    await server.stop();

    const release = await block(port);
    const taken = await failure({ port, uiPort });
    await release();
    const releaseUi = await block(uiPort);
    const takenUi = await failure({ port, uiPort });
    await releaseUi();

    expect(taken).toMatchObject({ problem: 'port_taken' });
    expect(taken.message).toContain(`Port ${port}`);
    expect(taken.message).toContain('SLIPWAY_TEMPORAL_PORT');
    expect(takenUi.message).toContain('SLIPWAY_TEMPORAL_UI_PORT');
  });

  it('gives each data directory a server of its own when two start at the same moment', async () => {
    const other = scratch();
    try {
      const [one, two] = await Promise.all([start(), start({ dataDir: other.path })]);

      expect(one.address).not.toBe(two.address);
      expect(one.uiUrl).not.toBe(two.uiUrl);
      expect(await namespaceId(one)).not.toBe(await namespaceId(two));
    } finally {
      for (const server of started.splice(0)) await server.stop();
      other.remove();
    }
  });

  it('lives where our process group does not reach it, and is not handed our environment', async () => {
    await start();

    const { pid } = mark();

    expect(execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).trim()).toBe(String(pid));
    if (process.platform === 'linux') {
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('VITEST');
    }
  });

  it('gives the last words of a server that does not come up, and leaves nothing running', async () => {
    writeFileSync(join(place.path, 'temporal.db'), 'this is no database'.repeat(100));

    const { problem, message } = await failure({});

    expect(problem).toBe('temporal');
    expect(message).toContain('file is not a database');
    expect(message).toContain('temporal.log');
    expect(message).not.toContain('\n');
    expect(isRunning(mark())).toBe(false);
  });
});
