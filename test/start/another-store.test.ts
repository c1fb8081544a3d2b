import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OnboardingView } from '../../src/domain/onboarding/present.js';
import { startPostgres } from '../../src/embedded/postgres.js';
import { SECRET, Sender } from './sender.js';
import { Machine, type SlipwayProcess, until } from './slipway-process.js';

let machine: Machine;
let sender: Sender;

const start = (env: Record<string, string> = {}, ...words: string[]) =>
  machine.start({ PIVOTAL_WEBHOOK_SECRET: SECRET, ...env }, ...words);

async function stop(slipway: SlipwayProcess): Promise<void> {
  slipway.signal('SIGTERM');
  expect(await slipway.ends()).toBe(0);
}

const api = (path: string) => `${machine.consoleUrl}/api/v1/${path}`;

async function post(path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(api(path), { method: 'POST', headers, body: JSON.stringify(body) });
  expect([path, answer.status]).toEqual([path, 200]);
}

async function onboarding(id: string): Promise<OnboardingView> {
  return (await (await fetch(api(`onboardings/${id}`))).json()) as OnboardingView;
}

/** Once its first message has left, so that whoever comes later could send it twice. */
async function acknowledge(id: string): Promise<void> {
  const isSent = async () =>
    ((await onboarding(id)).escalations ?? []).some(({ sends }) => sends.some(({ status }) => status === 'sent'));
  await until(isSent, 'somebody is told');
  const [escalation] = (await onboarding(id)).escalations;
  await post(`escalations/${encodeURIComponent(escalation?.id ?? '')}/acknowledge`, { by: 'tom' });
}

async function lateEvents(): Promise<number> {
  const answer = await fetch(api('events?status=late'));
  return ((await answer.json()) as { data: readonly unknown[] }).data.length;
}

/** What a person hears who starts on a store with which something is wrong: one sentence, and nothing is left running. */
async function refusal(slipway: SlipwayProcess): Promise<string> {
  expect(await slipway.ends()).toBe(1);
  expect(machine.servers()).toEqual([]);
  expect(slipway.err.trim().split('\n')).toHaveLength(1);
  return slipway.err;
}

/** What was signalled in the last minutes is signalled again at any start; the rest of the archive only by a rebuild. */
async function letAnHourPass(): Promise<void> {
  const postgres = await startPostgres({ dataDir: machine.dataDir, progress: () => {} });
  const client = new pg.Client({ connectionString: postgres.url });
  client.on('error', () => {});
  await client.connect();
  const { rowCount } = await client.query('update dispatch set settled_real_ms = settled_real_ms - 3600000');
  expect(rowCount).toBe(5);
  await client.end();
  await postgres.stop();
}

/** The policy that ships, for people who are always there: at night nobody would be told, and there is nothing to keep. */
function openAllHours(): string {
  const shipped = readFileSync(new URL('../../config/slipway.yaml', import.meta.url), 'utf8');
  return shipped
    .replaceAll(/hours: \{[^}]*\}/g, 'hours: { mon-sun: "00:00-24:00" }')
    .replaceAll(/holidays: \{[^}]*\},? ?/g, '');
}

beforeAll(async () => {
  machine = await Machine.make();
  writeFileSync(join(machine.root, 'slipway.yaml'), openAllHours());
  sender = new Sender(machine.edgeUrl);
  const slipway = await start().ready();
  expect(await sender.send('onb_a', undefined, { customer_id: 'cus_1' })).toBe(200);
  for (const name of ['onb_b', 'onb_a', 'onb_c']) expect(await sender.send(name)).toBe(200);
  expect(await sender.send('onb_b', 'onboarding.at_risk')).toBe(200);
  await sender.allApplied(machine.consoleUrl);
  await acknowledge('onb_b');
  await post('onboardings/onb_c/close', { by: 'tom', reason: 'gone' });
  await until(async () => (await onboarding('onb_c')).closed, 'the closed one has ended');
  await stop(slipway);
});
afterAll(() => machine.remove());

describe('a store', () => {
  it('is not started on at another clock speed', async () => {
    const said = await refusal(start({ SLIPWAY_CLOCK_SPEED: '86400' }));

    expect(said).toContain('runs at clock speed 1');
    expect(said).toContain('SLIPWAY_CLOCK_SPEED=1');
  });

  it('is not started on with another Temporal server, which knows none of its onboardings', async () => {
    const files = readdirSync(machine.dataDir).filter((name) => name.startsWith('temporal.db'));
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) rmSync(join(machine.dataDir, name));

    const said = await refusal(start());

    expect(said).toContain('belongs to another Temporal server');
    expect(said).toContain('--rebuild');
  });

  it('gets its workflows anew when asked to rebuild, with what people did, and belongs to that server from then on', async () => {
    await letAnHourPass();
    const rebuilt = await start({}, '--rebuild').ready();

    expect(rebuilt.out).toContain('Made anew: 3 onboardings and 1 customers');
    await sender.allApplied(machine.consoleUrl);
    const { escalations } = await onboarding('onb_b');
    expect(escalations).toMatchObject([{ rule: 'at_risk', status: 'acknowledged', acknowledged: { by: 'tom' } }]);
    expect(escalations.flatMap(({ sends }) => sends.map(({ tries }) => tries))).toEqual([1, 1]);
    expect((await onboarding('onb_c')).closed).toBe(true);
    expect(await new Sender(machine.edgeUrl).send('onb_c')).toBe(200);
    await until(async () => (await lateEvents()) === 1, 'an event of a closed onboarding counts as late');
    expect(await sender.send('onb_b')).toBe(200);
    await sender.allApplied(machine.consoleUrl);
    await stop(rebuilt);

    const next = await start().ready();
    await sender.allApplied(machine.consoleUrl);
    await stop(next);
  });
});
