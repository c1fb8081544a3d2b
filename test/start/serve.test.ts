import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRunning } from '../../src/embedded/process-mark.js';
import { pageExample, shapeOf } from '../cli/page-example.js';
import { Sender } from './sender.js';
import { Machine, type SlipwayProcess } from './slipway-process.js';

const STACK_TRACE = /^\s+at /m;
/** The server that the first start used or fetched is at hand; nothing else may be asked for from afar. */
const NO_NETWORK = { PIP_NO_INDEX: '1', http_proxy: 'http://127.0.0.1:9', https_proxy: 'http://127.0.0.1:9' };

let machine: Machine;
let slipway: SlipwayProcess;
let secret: string;
let sender: Sender;

beforeAll(async () => {
  machine = await Machine.make();
  slipway = await machine.start().ready();
  secret = /^ {2}(whsec_\S+)$/m.exec(slipway.out)?.[1] ?? 'none was shown';
  sender = new Sender(machine.edgeUrl, secret);
});
afterAll(() => machine.remove());

async function json(url: string): Promise<Record<string, unknown>> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

/** One life of a data directory, told in order: started with nothing set, asked, started twice, stopped, started again. */
describe('slipway start', () => {
  it('tells on the way what it is busy with, then where everything is', () => {
    const { edge, console, temporalUi } = machine.ports;

    expect(slipway.out).toMatch(/making a PostgreSQL \d+ store/);
    expect(slipway.out).toContain('Worker runs');
    const table = slipway.out.slice(slipway.out.indexOf('Slipway is ready after'));
    expect(table).toContain(`http://127.0.0.1:${edge}/webhooks/pivotal`);
    expect(table).toContain(`http://127.0.0.1:${console}/`);
    expect(table).toContain(`http://127.0.0.1:${temporalUi}`);
    expect(table).toContain(machine.dataDir);
    expect(table).toContain('! Nobody is reached: the policy has no channel but `log`');
    expect(table.split('\n').length).toBeLessThan(20);
    expect(slipway.err).toBe('');
  });

  it('serves: ready at the edge, status, and the Temporal UI', async () => {
    expect(await json(`${machine.edgeUrl}/readyz`)).toMatchObject({ status: 'ready' });
    expect(await json(`${machine.consoleUrl}/api/v1/status`)).toMatchObject({
      temporal: { reachable: true, address: `127.0.0.1:${machine.ports.temporal}` },
      store: { reachable: true, kind: 'embedded' },
      sources: [{ name: 'pivotal', mode: 'live', workspace: 'main' }],
      clock: { speed: 1 },
      warnings: [expect.stringContaining('no channel but `log`')],
    });
    expect((await fetch(`http://127.0.0.1:${machine.ports.temporalUi}/`)).status).toBe(200);
  });

  it('makes an onboarding of an event signed with the secret it made', async () => {
    expect(await sender.send('onb_first')).toBe(200);

    await sender.allApplied(machine.consoleUrl);
    expect(await json(`${machine.consoleUrl}/api/v1/onboardings/onb_first`)).toMatchObject({
      name: 'Rollout onb_first',
      phase: 'kickoff',
      state: 'running',
    });
  });

  it('warns of a state that the policy does not map, now and at the next start', async () => {
    expect(await sender.send('onb_first', 'onboarding.state_changed', { state: 'in_review' })).toBe(200);

    expect(await json(`${machine.consoleUrl}/api/v1/status`)).toMatchObject({
      unmapped_states: ['in_review'],
      warnings: [expect.any(String), expect.stringContaining('`in_review: paused`')],
    });
  });

  it('is sent invented onboardings by `slipway simulate`, which says how it went', async () => {
    const words = 'simulate --onboardings 5 --days 30';
    const env = { PIVOTAL_WEBHOOK_SECRET: secret, SLIPWAY_PORT: `${machine.ports.edge}` };
    const simulate = machine.run(env, ...words.split(' '));

    expect([await simulate.ends(), simulate.err]).toEqual([0, '']);
    expect(shapeOf(simulate.out)).toBe(shapeOf(pageExample(words)));
  }, 90_000);

  it('refuses a second start on the same data directory, naming the first, which goes on', async () => {
    const second = machine.start();

    expect(await second.ends()).toBe(1);
    expect(second.err).toContain(`Slipway already runs on ${machine.dataDir} (process ${slipway.pid},`);
    expect(second.err.trim().split('\n')).toHaveLength(1);
    expect(await sender.send('onb_first')).toBe(200);
    await sender.allApplied(machine.consoleUrl);
  });

  it('stops everything on a SIGTERM, also when its whole group gets it', async () => {
    const servers = machine.servers();
    expect(servers).toHaveLength(2);

    slipway.signal('SIGTERM', 'group');

    expect(await slipway.ends()).toBe(0);
    expect(slipway.out.trimEnd().split('\n').at(-1)).toBe('Stopped.');
    expect(servers.filter(isRunning)).toEqual([]);
    expect(machine.servers()).toEqual([]);
    expect(slipway.err).toBe('');
  });

  it('goes on where it was at the next start, without a network, and does not show the secret again', async () => {
    const again = await machine.start(NO_NETWORK).ready();

    expect(again.out).not.toContain('whsec_');
    expect(again.out).toMatch(/^! Records speak of states .*`in_review`/m);
    await sender.allApplied(machine.consoleUrl);
    expect(await sender.send('onb_first')).toBe(200);
    await sender.allApplied(machine.consoleUrl);

    again.signal('SIGINT', 'group');
    expect(await again.ends()).toBe(0);
    expect(again.out).toContain('Stopped.');
    expect(machine.servers()).toEqual([]);
  });

  it('stops as well where nobody reads its output any more', async () => {
    const unheard = await machine.start().ready();
    unheard.closeOutput();

    unheard.signal('SIGINT', 'group');

    expect(await unheard.ends()).toBe(0);
    expect(machine.servers()).toEqual([]);
  });

  it('stops as well when it is told to while it still starts', async () => {
    const hasty = machine.start();
    await hasty.says('starting Temporal');

    hasty.signal('SIGTERM', 'group');

    expect(await hasty.ends(), hasty.said).toBe(0);
    expect(hasty.out).not.toContain('is ready');
    expect(hasty.out).toContain('Stopped.');
    expect(machine.servers()).toEqual([]);
  });

  it('keeps secrets out of its log, and shows nobody a stack trace', () => {
    const log = machine.read('slipway.log');

    expect(log).toContain('slipway serves');
    for (const hidden of [secret, machine.read('webhook-secret').trim(), machine.read('postgres/password').trim()])
      expect(log).not.toContain(hidden);
    expect(slipway.said).not.toMatch(STACK_TRACE);
    expect(log).not.toMatch(/\\n\s+at /);
  });
});
