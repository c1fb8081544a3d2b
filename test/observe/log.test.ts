import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createObservation } from '../../src/main/observer.js';
import { moved, SECRETS } from '../ingress/edge.js';
import { TestPostgres } from '../support/postgres.js';
import { eventually, NAMESPACE, sharedTemporal, type TestServer } from '../support/temporal.js';
import { Rig } from './rig.js';

type Line = Readonly<Record<string, unknown>> & { readonly msg: string };

describe('slipway.log', () => {
  let dir: string;
  let postgres: TestPostgres;
  let temporal: TestServer;
  let rig: Rig;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-log-'));
    [postgres, temporal] = await Promise.all([TestPostgres.start(), sharedTemporal()]);
  });
  beforeEach(async () => {
    rig = await Rig.open({
      databaseUrl: await postgres.database(),
      temporalAddress: temporal.address,
      namespace: NAMESPACE,
      // No worker: the signals are what is looked at.
      taskQueue: randomUUID(),
      observation: createObservation('info', join(dir, 'slipway.log')),
    });
    rig.dispatcher.start();
  });
  afterEach(() => rig.close());
  afterAll(async () => {
    await temporal.client.workflow.getHandle('onboarding/main/onb_42').terminate();
    await temporal.close();
    await postgres.stop();
    await rm(dir, { recursive: true });
  });

  const text = () => readFile(join(dir, 'slipway.log'), 'utf8');
  const linesWith = async (id: string): Promise<Line[]> =>
    (await text())
      .split('\n')
      .filter((line) => line.includes(id))
      .map((line) => JSON.parse(line) as Line);

  it('lets an operator follow one event at the level it has: stored, repeated, signalled, answered by a message', async () => {
    const event = moved('evt_followed', 'onb_42', new Date().toISOString());
    await rig.edge.post(event, { id: 'msg_followed' });
    await rig.edge.post(event, { id: 'msg_followed' });
    await eventually(async () => (await text()).includes('events signalled') || undefined);
    await rig.send('key-1');

    const lines = await linesWith('msg_followed');

    expect(lines.map(({ msg }) => msg).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'event repeated',
      'event stored',
      'events signalled',
      'send',
    ]);
    const workflow = 'onboarding/main/onb_42';
    const line = (msg: string) => lines.find((one) => one.msg === msg);
    expect(line('event stored')).toMatchObject({ delivery: 'msg_followed', event: 'evt_followed', workflow });
    expect(line('events signalled')).toMatchObject({ deliveries: 'msg_followed', events: 1, workflow });
    expect(line('send')).toMatchObject({ delivery: 'msg_followed', onboarding: 'onb_42', result: 'sent' });
  });

  it('names nobody and shows no body and no secret, whatever is stored, refused or fails', async () => {
    const canaries = ['Canary-Name', 'canary@mail.example', 'canary-body', 'whsec_', 'hunter2'];
    const person = { id: 'onb_42', name: 'Canary-Name', owner_email: 'canary@mail.example', notes: 'canary-body' };
    const event = (id: string) => ({
      ...moved(id, 'onb_42', new Date().toISOString()),
      data: { object: person, previous_attributes: {} },
    });
    await rig.edge.post(event('evt_canary'), { id: 'msg_canary' });
    await rig.edge.post('{"canary-body": hunter2', { id: 'msg_not_json' });
    await rig.edge.post(event('evt_refused'), { secret: SECRETS.sandbox });
    // The gate holds a message while an event that came before it is still under way.
    await eventually(
      async () => (await linesWith('msg_canary')).some(({ msg }) => msg === 'events signalled') || undefined,
    );
    await rig.send('esc_1/notified/1/0/hook/canary@mail.example', { url: 'http://127.0.0.1:9/hunter2' });
    await rig.send('key-2');

    const log = await text();

    expect(log).toContain('msg_not_json');
    expect(log).toContain('UpstreamUnavailable');
    for (const canary of [...canaries, 'Mia Park', 'mia@', 'Borealis']) expect(log).not.toContain(canary);
  });
});
