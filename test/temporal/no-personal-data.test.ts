import type { Client } from '@temporalio/client';
import { type SearchAttributePair, type SearchAttributeUpdatePair, TypedSearchAttributes } from '@temporalio/common';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type DeliverDeps, deliver } from '../../src/dispatch/deliver.js';
import { routeEvent } from '../../src/domain/event/route.js';
import { receive, startOnboarding } from '../../src/domain/onboarding/life.js';
import { presentOnboarding } from '../../src/domain/onboarding/present.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { createGateway } from '../../src/temporal/gateway.js';
import { publishColumns, publishTitle } from '../../src/workflows/attributes.js';
import { HEARD_AT, HEARING, inDialects, parsed } from '../domain/event/a-hearing.js';

const upserts = vi.hoisted((): { columns: SearchAttributeUpdatePair[]; memo: object[] } => ({ columns: [], memo: [] }));
vi.mock(import('@temporalio/workflow'), async (original) => ({
  ...(await original()),
  workflowInfo: () => ({ typedSearchAttributes: new TypedSearchAttributes(), memo: {} }) as never,
  upsertSearchAttributes: (columns: unknown) => void upserts.columns.push(...(columns as SearchAttributeUpdatePair[])),
  upsertMemo: (memo: object) => void upserts.memo.push(memo),
}));

/** What a workflow is started with that Temporal keeps in clear whatever the payload keys; and all of it. */
interface Started {
  readonly clear: unknown;
  readonly all: string;
}
let started: Started[];
const client = {
  withDeadline: (_: number, call: () => unknown) => call(),
  workflow: {
    signalWithStart: async (type: string, options: Record<string, unknown> & { memo: object }) => {
      const { workflowId, taskQueue, signal, typedSearchAttributes, memo, ...others } = options;
      const columns = typedSearchAttributes as SearchAttributePair[];
      const clear = { type, workflowId, taskQueue, signal, columns: spelled(columns), memo: Object.keys(memo) };
      started.push({ clear, all: JSON.stringify({ clear, memo, others }) });
    },
  },
} as unknown as Client;
const DEPS: DeliverDeps = {
  gateway: createGateway({ client, taskQueue: 'slipway', clock: REAL_CLOCK }),
  readModel: { final: async () => undefined },
  late: { of: async () => [], wereHeard: async () => {} },
  policy: () => expect.fail('none has closed'),
};
const spelled = (columns: readonly { key: { name: string }; value: unknown }[]) =>
  columns.map(({ key, value }) => [key.name, value]);
beforeEach(() => {
  started = [];
  upserts.columns.length = 0;
  upserts.memo.length = 0;
});

const TYPES = [
  ...['created', 'phase_changed', 'state_changed', 'at_risk', 'back_on_track', 'launched', 'completed', 'renamed'].map(
    (verb) => `onboarding.${verb}`,
  ),
  ...['created', 'archived', 'health_score_dropped', 'at_risk', 'churned'].map((verb) => `customer.${verb}`),
  'contact.created',
  'task.completed',
  'comment.created',
];
const letters = fc.stringMatching(/^[a-zäöß]{6,12}$/);
const someone = fc
  .record({ given: letters, family: letters, host: letters, number: fc.integer({ min: 1e9, max: 9e9 }) })
  .map(({ given, family, host, number }) => ({
    name: `Zz${given} Zz${family}`,
    email: `zz${given}.zz${family}@zz${host}.example`,
    phone: `+49 ${number}`,
  }));
type Someone = typeof someone extends fc.Arbitrary<infer One> ? One : never;

const idNumber = fc.integer({ min: 1, max: 1e6 });
const happening = fc.record({
  type: fc.constantFrom(...TYPES),
  dialect: fc.constantFrom('A' as const, 'B' as const, 'C' as const, 'D' as const),
  id: idNumber,
  customer: idNumber,
  phase: fc.constantFrom('kickoff', 'integration', 'launch'),
  isNested: fc.boolean(),
  who: someone,
});

type Happening = typeof happening extends fc.Arbitrary<infer One> ? One : never;

/** A record with somebody in each field that could hold somebody, as an address or as an object. */
function recordOf({ type, id, customer, phase, isNested, who }: Happening) {
  const person = isNested ? { id: 'usr_1', ...who } : who.email;
  const roles = ['owner', 'csm', 'se', 'designer', 'product_ops', 'assignee', 'completed_by', 'contact', 'author'];
  const kind = type.split('.')[0] ?? '';
  const ids = { onboarding: `onb_${id}`, customer: `cus_${customer}`, contact: `con_${id}`, task: `tsk_${id}` };
  return {
    ...Object.fromEntries(
      roles.flatMap((role) => [
        [role, person],
        [`${role}_email`, who.email],
      ]),
    ),
    ...who,
    id: ids[kind as keyof typeof ids] ?? `cmt_${id}`,
    ...(kind === 'onboarding' || kind === 'customer' ? {} : { onboarding_id: ids.onboarding }),
    ...(kind === 'customer' ? {} : { customer_id: ids.customer }),
    title: `Call ${who.name}`,
    body: `Write to ${who.email}`,
    risk_reason: `${who.name} does not answer`,
    phase,
    state: 'active',
    target_launch_date: '2026-12-18',
  };
}

/** Of a person, in whatever spelling an id may have it. */
function partsOf({ name, email, phone }: Someone): string[] {
  const all = [...name.split(' '), ...email.split(/[@.]/).filter((part) => part.startsWith('zz')), email, phone];
  return all.flatMap((part) => [part, encodeURIComponent(part)]).map((part) => part.toLowerCase());
}

describe('what Temporal keeps in clear of a workflow', () => {
  it('names nobody: ids, columns and the keys of memos of ten thousand workflows', async () => {
    let withSomebody = 0;
    await fc.assert(
      fc.asyncProperty(happening, async (what) => {
        started.length = upserts.columns.length = upserts.memo.length = 0;
        const event = inDialects(what.type, recordOf(what), { owner_email: what.who.email })[what.dialect];
        const route = routeEvent(parsed(event), HEARING);
        fc.pre(route !== undefined);
        if (!route) return;

        await deliver([{ route } as never], DEPS);
        if (route.to === 'onboarding') {
          const state = receive(startOnboarding(route.key, REAL_CLOCK, HEARD_AT), [route.fact], HEARD_AT);
          const view = presentOnboarding(state, HEARD_AT, null);
          publishColumns(view, null);
          publishTitle(view);
        }

        const [start] = started;
        const memo = upserts.memo.flatMap((one) => Object.keys(one));
        const clear = JSON.stringify([start?.clear, spelled(upserts.columns), memo]).toLowerCase();
        const parts = partsOf(what.who);
        expect(clear).toMatch(/"workflowid":"(onboarding|customer)\/main\/(onb|cus)_\d+"/);
        expect(parts.filter((part) => clear.includes(part))).toEqual([]);
        if (parts.some((part) => start?.all.toLowerCase().includes(part))) withSomebody++;
      }),
      { numRuns: 10_000 },
    );

    // They are in what is encrypted where it shall be: else nothing would have been asked of the ids.
    expect(withSomebody).toBeGreaterThan(5_000);
  });
});
