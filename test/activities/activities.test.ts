import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { type ActivityDeps, createActivities } from '../../src/activities/index.js';
import { GatewayError } from '../../src/contracts/gateway.js';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { SILENT } from '../../src/contracts/observer.js';
import type { StoredPolicy } from '../../src/contracts/read-model.js';
import type { Projection } from '../../src/contracts/activities.js';
import type { LogEntry } from '../../src/domain/onboarding/log.js';
import type { Policy } from '../../src/domain/policy/policy.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { ONBOARDING } from '../channels/message.js';
import { gateThat, LedgerDouble } from './send-doubles.js';

const unexpected = (): never => expect.fail('nobody expected this call');

/** Deps of which only the given ones may be called. */
function depsOf(more: Partial<ActivityDeps>): ActivityDeps {
  return {
    ledger: new LedgerDouble(),
    gate: gateThat({ open: true }),
    channel: unexpected,
    observer: SILENT,
    readModel: { project: unexpected, openWorkflows: unexpected },
    policies: { current: unexpected, history: unexpected },
    gateway: {
      linkCustomer: unexpected,
      unlinkCustomer: unexpected,
      reviveCustomer: unexpected,
      denyCustomer: unexpected,
      announcePolicy: unexpected,
    },
    ...more,
  };
}

const ENTITY = { workspace: 'main', mode: 'live', id: 'onb_42' } as const;
const POLICY: Policy = {
  hash: 'h1',
  workspace: { timeZone: 'UTC', calendar: 'office' },
  calendars: { office: { name: 'office', zone: 'UTC', offsets: [], week: [], closed: [] } },
  phases: [],
  defaultPhase: { behind: { amount: 1, unit: 'days' }, stuck: { amount: 2, unit: 'days' } },
  states: {},
  people: [
    { id: 'mia', name: 'Mia Park', emails: [], pivotalIds: [], calendar: 'office', channels: ['log'], timeOff: [] },
    { id: 'tom', name: 'Tom Reyes', emails: [], pivotalIds: [], calendar: 'office', channels: ['log'], timeOff: [] },
  ],
  roles: {},
  channels: { log: 'log' },
  ladders: {},
  rules: {},
  acknowledge: { expiresAfter: { amount: 3, unit: 'days' } },
  coolDown: { amount: 1, unit: 'days' },
  stillTrueAfter: null,
  settle: { amount: 2, unit: 'minutes' },
  catchUp: { amount: 30, unit: 'minutes' },
  fallback: { to: [], channels: ['log'] },
  graceAfterCompleted: { amount: 30, unit: 'days' },
};

const run = <T>(work: () => Promise<T>, info = {}): Promise<T> => new MockActivityEnvironment(info).run(work);
const failureOf = (work: () => Promise<unknown>): Promise<unknown> => run(work).catch((error: unknown) => error);

describe('project', () => {
  const projection: Projection = {
    entity: ENTITY,
    workflowId: 'onboarding/main/onb_42',
    revision: 3,
    view: ONBOARDING,
    escalations: [],
    log: [],
  };

  it('writes the projection as it is', async () => {
    const written: Projection[] = [];
    const project = async (given: Projection): Promise<readonly LogEntry[]> => {
      written.push(given);
      return [];
    };

    await run(() =>
      createActivities(depsOf({ readModel: { project, openWorkflows: unexpected } })).project(projection),
    );

    expect(written).toEqual([projection]);
  });

  it('asks to be tried again while the store is away, without raising an alarm for each onboarding', async () => {
    const project = (): Promise<never> => Promise.reject(new StoreUnavailable('away'));
    const activities = createActivities(depsOf({ readModel: { project, openWorkflows: unexpected } }));

    const failure = await failureOf(() => activities.project(projection));

    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({
      type: 'StoreUnavailable',
      nonRetryable: false,
      category: ApplicationFailureCategory.BENIGN,
    });
  });

  it('lets what nobody foresaw through as it is', async () => {
    const project = (): Promise<never> => Promise.reject(new TypeError('a bug'));
    const activities = createActivities(depsOf({ readModel: { project, openWorkflows: unexpected } }));

    expect(await failureOf(() => activities.project(projection))).toBeInstanceOf(TypeError);
  });
});

describe('readPolicy', () => {
  function storeOf(...published: StoredPolicy[]) {
    let reads = 0;
    return {
      publish: (policy: StoredPolicy) => published.unshift(policy),
      reads: () => reads,
      policies: {
        current: () => {
          reads += 1;
          return Promise.resolve(published[0]);
        },
        history: (limit: number) =>
          Promise.resolve(published.slice(0, limit).map(({ hash }) => ({ hash, publishedAt: 0 }))),
      },
    };
  }
  const stored = (hash: string): StoredPolicy => ({ hash, source: '', policy: { ...POLICY, hash } });
  const question = (known: string | null, names: string[] = []) => ({ known, key: ENTITY, names });

  it('answers with the policy cut to the names', async () => {
    const activities = createActivities(depsOf({ policies: storeOf(stored('h1')).policies }));

    const answer = await run(() => activities.readPolicy(question(null, ['mia'])));

    expect(answer).toMatchObject({ hash: 'h1', people: [{ id: 'mia' }] });
  });

  it('answers unchanged where the known one is in force and no name is asked for', async () => {
    const activities = createActivities(depsOf({ policies: storeOf(stored('h1')).policies }));

    expect(await run(() => activities.readPolicy(question('h1')))).toBe('unchanged');
    expect(await run(() => activities.readPolicy(question('h0')))).toMatchObject({ hash: 'h1' });
    expect(await run(() => activities.readPolicy(question('h1', ['tom'])))).toMatchObject({ people: [{ id: 'tom' }] });
  });

  it('reads the whole policy once for all, and again when another is in force', async () => {
    const store = storeOf(stored('h1'));
    const activities = createActivities(depsOf({ policies: store.policies }));
    const ask = () => run(() => activities.readPolicy(question(null)));

    await ask();
    await ask();
    expect(store.reads()).toBe(1);
    store.publish(stored('h2'));

    expect(await ask()).toMatchObject({ hash: 'h2' });
    expect(store.reads()).toBe(2);
  });

  it('waits for the first policy', async () => {
    const activities = createActivities(depsOf({ policies: storeOf().policies }));

    expect(await failureOf(() => activities.readPolicy(question(null)))).toMatchObject({
      type: 'NoPolicy',
      nonRetryable: false,
    });
  });
});

describe('what an onboarding tells its customer', () => {
  const customer = { ...ENTITY, id: 'cus_7' };
  const clock = REAL_CLOCK;

  it('goes to the customer’s workflow as it is', async () => {
    const told: unknown[] = [];
    const tell =
      (what: string) =>
      (message: unknown): Promise<void> =>
        Promise.resolve(void told.push([what, message]));
    const activities = createActivities(
      depsOf({
        gateway: {
          linkCustomer: tell('link'),
          unlinkCustomer: tell('unlink'),
          reviveCustomer: tell('revive'),
          denyCustomer: tell('deny'),
          announcePolicy: unexpected,
        },
      }),
    );
    const link = { customer, clock, message: { id: 'onb_42', createdAt: 1 } };
    const unlink = { customer, clock, message: { id: 'onb_42', carried: [] } };
    const revival = { customer, clock, message: { id: 'onb_42', at: 2 } };
    const denial = { customer, clock, message: { rule: 'customer_churned', at: 3 } } as const;

    await run(() => activities.linkCustomer(link));
    await run(() => activities.unlinkCustomer(unlink));
    await run(() => activities.reviveCustomer(revival));
    await run(() => activities.denyCustomer(denial));

    expect(told).toEqual([
      ['link', link],
      ['unlink', unlink],
      ['revive', revival],
      ['deny', denial],
    ]);
  });

  it('is tried again while the Temporal server does not answer', async () => {
    const gateway = { ...depsOf({}).gateway, linkCustomer: () => Promise.reject(new GatewayError('late')) };
    const activities = createActivities(depsOf({ gateway }));

    const failure = await failureOf(() =>
      activities.linkCustomer({ customer, clock, message: { id: 'x', createdAt: 1 } }),
    );

    expect(failure).toMatchObject({ type: 'TemporalUnavailable', nonRetryable: false });
  });
});

describe('announcePolicy', () => {
  const IDS = ['onboarding/main/a', 'onboarding/main/b', 'onboarding/main/c', 'onboarding/main/d', 'onboarding/main/e'];
  const openWorkflows = (cursor: string | null, limit: number) =>
    Promise.resolve(IDS.filter((id) => cursor === null || id > cursor).slice(0, limit));

  function publishing(announce: (id: string) => Promise<'signalled' | 'closed'>) {
    const gateway = { ...depsOf({}).gateway, announcePolicy: announce };
    return createActivities(depsOf({ gateway, readModel: { project: unexpected, openWorkflows } }));
  }

  it('reaches every open onboarding once, page by page', async () => {
    const told: string[] = [];
    const activities = publishing((id) => {
      told.push(id);
      return Promise.resolve('signalled');
    });

    const pages: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page = await run(() => activities.announcePolicy({ hash: 'h2', cursor, limit: 2 }));
      pages.push(page.told);
      cursor = page.cursor;
    } while (cursor !== null);

    expect(told).toEqual(IDS);
    expect(pages).toEqual([2, 2, 1]);
  });

  it('passes over one that closed meanwhile', async () => {
    const activities = publishing((id) => Promise.resolve(id.endsWith('b') ? 'closed' : 'signalled'));

    expect(await run(() => activities.announcePolicy({ hash: 'h2', cursor: null, limit: 10 }))).toEqual({
      cursor: null,
      told: 4,
    });
  });

  it('ends in the middle of a page where it is cancelled', async () => {
    const environment = new MockActivityEnvironment();
    const told: string[] = [];
    const activities = publishing((id) => {
      told.push(id);
      if (told.length === 2) environment.cancel();
      return Promise.resolve('signalled');
    });

    const publish = environment.run(activities.announcePolicy, { hash: 'h2', cursor: null, limit: 10 });

    await expect(publish).rejects.toMatchObject({ name: 'CancelledFailure' });
    expect(told).toHaveLength(2);
  });

  it('sends no heartbeat where none was asked for', async () => {
    const environment = new MockActivityEnvironment();
    environment.on('heartbeat', unexpected);
    const activities = publishing(() => Promise.resolve('signalled'));

    await environment.run(activities.announcePolicy, { hash: 'h2', cursor: null, limit: 10 });
  });
});
