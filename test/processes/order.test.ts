import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemporal, type RunningTemporal } from '../../src/embedded/temporal.js';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pageExample, shapeOf } from '../cli/page-example.js';
import { TestPostgres } from '../support/postgres.js';
import { Sender, SECRET } from '../start/sender.js';
import { freePorts, SlipwayProcess, until } from '../start/slipway-process.js';

const TOKEN = 'token-of-the-process-tests';

describe('server, worker and migrate as processes of their own', () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-processes-')));
  const started: SlipwayProcess[] = [];
  let postgres: TestPostgres;
  let temporal: RunningTemporal;
  let env: Record<string, string>;
  let edge: number, console: number, health: number, temporalPort: number;

  beforeAll(async () => {
    postgres = await TestPostgres.start();
    [edge, console, health, temporalPort] = (await freePorts(4)) as [number, number, number, number];
    env = {
      DATABASE_URL: await postgres.empty(),
      TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}`,
      TEMPORAL_NAMESPACE: 'slipway',
      PIVOTAL_WEBHOOK_SECRET: SECRET,
      SLIPWAY_API_TOKEN: TOKEN,
      SLIPWAY_CONSOLE_HOST: '127.0.0.1',
      SLIPWAY_PORT: `${edge}`,
      SLIPWAY_CONSOLE_PORT: `${console}`,
      SLIPWAY_WORKER_PORT: `${health}`,
    };
  });

  afterAll(async () => {
    for (const one of started) await one.kill();
    await temporal?.stop();
    await postgres?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  function run(...words: string[]): SlipwayProcess {
    const one = new SlipwayProcess(words, dir, env);
    started.push(one);
    return one;
  }

  const readiness = async (port: number) => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    return answer && { status: answer.status, text: await answer.text() };
  };

  it('start in any order, say what they wait for, take events without Temporal, and lose none', async () => {
    const server = run('server');
    const worker = run('worker');
    for (const port of [edge, health]) {
      await until(
        async () => (await readiness(port))?.text.includes('slipway migrate') ?? false,
        `${port} says what to run`,
      );
      expect((await readiness(port))?.status).toBe(503);
    }
    const early = new Sender(`http://127.0.0.1:${edge}`);
    expect(await early.send('onb_before')).toBe(503);

    const migrate = run('migrate');
    expect([await migrate.ends(), shapeOf(migrate.said)]).toEqual([0, shapeOf(pageExample('migrate'))]);
    await until(async () => (await readiness(edge))?.status === 200, 'the edge is ready without Temporal');
    expect((await readiness(health))?.status).toBe(503);
    await early.repeat();
    expect(await early.send('onb_before')).toBe(200);

    temporal = await startTemporal({
      dataDir: dir,
      namespace: 'slipway',
      port: temporalPort,
      uiPort: undefined,
      speedIsOne: true,
      searchAttributes: {},
      progress: () => {},
    });
    await until(async () => (await readiness(health))?.status === 200, 'the worker is ready', 60_000);
    await early.allApplied(`http://127.0.0.1:${console}`, TOKEN);

    server.signal('SIGTERM');
    worker.signal('SIGTERM');
    expect([await server.ends(), await worker.ends()]).toEqual([0, 0]);
    expect(server.said).not.toContain('"level":50');
    for (const one of [server, worker]) expect(one.said).toContain('SLIPWAY_SECRET_KEY is not set');
  });

  it('refuse to share what nobody shares with them', async () => {
    const { DATABASE_URL: _, ...alone } = env;
    const server = new SlipwayProcess(['server'], dir, alone);
    started.push(server);
    expect(await server.ends()).toBe(1);
    expect(server.said).toContain('DATABASE_URL is not set');
  });
});
