import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowId } from '../../src/contracts/ids.js';
import { READ_MODEL_REBUILD } from '../../src/contracts/rebuild.js';
import type { EntityKey } from '../../src/domain/event/key.js';
import { fact, fastClock, MONDAY_9, newKey, testPolicy } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { RebuildStand } from './rebuild-stand.js';

const TOM = { id: 'tom', name: 'Person tom' };
const created = (over = {}) =>
  fact('created', MONDAY_9, { name: 'Acme', phase: 'kickoff', owner: 'mia@vendor.example', ...over });
const POLICY = testPolicy({
  coolDown: { amount: 0, unit: 'minutes' },
  rules: {
    at_risk: { ladder: 'nudge', severity: 'high', anyHour: true, after: { amount: 0, unit: 'minutes' } },
    customer_churned: { ladder: 'nudge', severity: 'normal', anyHour: true },
  },
});

let it_: RebuildStand;
beforeAll(async () => {
  it_ = await RebuildStand.open(fastClock(1 / 24), POLICY);
});
afterAll(() => it_.close());

/** All that is shown of these, without how and when it was written. */
async function rows(...keys: readonly EntityKey[]): Promise<unknown> {
  const ids = keys.map(({ id }) => `'${id}'`).join(', ');
  const onboardings = await it_.postgres.query(it_.url, `select * from onboardings where id in (${ids}) order by id`);
  const escalations = await it_.postgres.query(
    it_.url,
    `select * from escalations where onboarding_id in (${ids}) order by id`,
  );
  return { onboardings: onboardings.map(({ revision: _r, projected_real_ms: _p, ...row }) => row), escalations };
}

/** Waits until lists show what the workflow itself says. */
const isShown = (key: EntityKey) =>
  eventually(async () => {
    const row = await it_.store.readModel.onboarding(key.id);
    const live = await it_.gateway.view(key).catch(() => undefined);
    return (row && live && JSON.stringify(row.view) === JSON.stringify(live)) || undefined;
  });

async function acknowledged(): Promise<EntityKey> {
  const key = newKey();
  await it_.hear(key, created());
  await it_.hear(key, fact('at_risk', MONDAY_9 + 1));
  const { id } = await it_.escalation(key, (one) => one.sends.some((send) => send.status === 'sent'));
  await it_.gateway.act(key, { verb: 'acknowledge', escalationId: id, by: TOM });
  await it_.escalation(key, (one) => one.sends.length === 2 && one.sends.every((send) => send.status === 'sent'));
  return key;
}

/** Four times at risk: more of one rule than a workflow keeps. */
async function seasoned(): Promise<EntityKey> {
  const key = newKey();
  await it_.hear(key, created());
  for (let n = 1; n <= 4; n++) {
    await it_.hear(key, fact('at_risk', it_.now()));
    await it_.escalation(key, (one) => one.status === 'open' && one.sends.some((send) => send.status === 'sent'));
    await it_.hear(key, fact('back_on_track', it_.now()));
    await it_.until(key, ({ escalations }) => escalations.every(isThrough));
  }
  return key;
}

const isThrough = (one: { status: string; sends: readonly { status: string }[] }) =>
  one.status === 'resolved' && one.sends.every(({ status }) => status === 'sent');

/** Two of one customer that churned; the first, which carried its escalation, is closed. */
async function handedOver(): Promise<[EntityKey, EntityKey]> {
  const [first, second] = [newKey(), newKey()];
  const customerId = `cus_${first.id}`;
  // The older one carries what is wrong with the customer.
  for (const [n, key] of [first, second].entries()) {
    await it_.hear(key, { ...created({ customerId }), at: MONDAY_9 + n * 60_000 });
    await it_.until(key, ({ linkedTo }) => linkedTo !== null);
  }
  const churned = { ...fact('record', it_.now()), kind: 'churned', type: 'customer.churned' } as never;
  await it_.hear({ ...first, id: customerId }, churned, 'customer');
  const { id } = await it_.escalation(
    first,
    (one) => one.rule === 'customer_churned' && one.sends[0]?.status === 'sent',
  );
  await it_.gateway.hold(first, { verb: 'close', by: TOM, reason: 'gone' });
  await it_.escalation(second, (one) => one.id === id);
  await eventually(async () => (await it_.store.readModel.final(first)) ?? undefined, 60_000);
  return [first, second];
}

async function rebuilt() {
  await it_.rebuilds.startReadModelRebuild();
  await it_.server.client.workflow.getHandle(READ_MODEL_REBUILD).result();
  return it_.rebuilds.readModelRebuild();
}

describe('the read model', () => {
  it('comes back row by row as it was after its rows are gone, while events go on coming', {
    timeout: 120_000,
  }, async () => {
    const ack = await acknowledged();
    const old = await seasoned();
    const [closed, heir] = await handedOver();
    for (const key of [ack, old, heir]) await isShown(key);
    const before = await rows(ack, old, closed, heir);
    const busy = newKey();
    await it_.hear(busy, created());
    await it_.postgres.query(it_.url, 'truncate onboardings, escalations');

    const over = new AbortController();
    const pouring = (async () => {
      for (let n = 0; !over.signal.aborted; n++) {
        await it_.hear(busy, fact('moved', it_.now(), { phase: `phase-${n}` }));
        // A flood without end would leave a busy machine nothing to answer the rebuild with.
        await pause(20);
      }
    })();
    const done = await rebuilt().finally(() => over.abort());
    await pouring;

    expect(await rows(ack, old, closed, heir)).toEqual(before);
    // One that does not answer in time, on a busy machine, is shown as archive and log know it: the same row.
    expect(done).toMatchObject({ running: false });
    await isShown(busy);
  });

  it('keeps what a workflow has written meanwhile', async () => {
    const key = await acknowledged();
    await isShown(key);
    const seen = await it_.store.rebuilds.revision(key);
    const row = await it_.store.readModel.onboarding(key.id);
    if (!row) throw new Error('there is no row');
    await it_.hear(key, fact('moved', it_.now(), { phase: 'integration' }));
    await eventually(async () => (await it_.store.rebuilds.revision(key)) !== seen || undefined);

    const projection = { entity: key, workflowId: workflowId('onboarding', key), view: row.view };
    await it_.store.rebuilds.write({ projection, escalations: [], past: [], handedOver: [] }, seen);

    expect((await it_.store.readModel.onboarding(key.id))?.view.phase).toBe('integration');
  });

  it('shows one that does not answer as archive and log know it, and says so', { timeout: 60_000 }, async () => {
    const key = await acknowledged();
    await isShown(key);
    const before = await rows(key);
    const state = await it_.state(key);
    await it_.rebuilds.stop(key, 'test');
    await it_.rebuilds.restart({ ...state, escalations: null as never }, []);
    await eventually(async () => (await it_.rebuilds.history(key))?.failing || undefined, 30_000);
    await it_.postgres.query(it_.url, 'truncate onboardings, escalations');

    const done = await rebuilt();

    expect(done).toMatchObject({ unanswered: 1, examples: [workflowId('onboarding', key)] });
    expect(await rows(key)).toEqual(before);
    await it_.rebuilds.stop(key, 'test');
  });
});
