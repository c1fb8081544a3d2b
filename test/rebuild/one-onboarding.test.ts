import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RebuildRefusal } from '../../src/contracts/rebuild.js';
import type { Escalation } from '../../src/domain/escalation/escalation.js';
import type { EntityKey } from '../../src/domain/event/key.js';
import type { OnboardingState } from '../../src/domain/onboarding/state.js';
import { reconcile } from '../../src/domain/reconcile.js';
import { fact, fastClock, MONDAY_9, newKey } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { RebuildStand } from './rebuild-stand.js';

/** An hour a second: nothing falls due by itself while a test looks. */
const SLOW = 1 / 24;
const TOM = { id: 'tom', name: 'Person tom' };
const created = (over = {}) =>
  fact('created', MONDAY_9, {
    name: 'Acme',
    phase: 'kickoff',
    owner: 'mia@vendor.example',
    customerId: 'cus_1',
    ...over,
  });

let it_: RebuildStand;
beforeAll(async () => {
  it_ = await RebuildStand.open(fastClock(SLOW));
});
afterAll(() => it_.close());

/** An onboarding at risk, of which Mia was told. */
async function chased(): Promise<EntityKey> {
  const key = newKey();
  await it_.hear(key, created());
  await it_.hear(key, fact('at_risk', MONDAY_9 + 1));
  await it_.escalation(key, (one) => one.sends.some((send) => send.status === 'sent'));
  return key;
}

/** Nothing of it is out: a fresh run makes a call that was out again 20 s later, which is 20 h here. */
const allSent = (one: Escalation) => one.sends.every((send) => send.status === 'sent');

/** One that somebody acknowledged, held, and noted something on, and whose receivers know of it. */
async function livedIn(): Promise<EntityKey> {
  const key = await chased();
  const { id } = await it_.escalation(key, () => true);
  await it_.gateway.act(key, { verb: 'note', escalationId: id, by: TOM, note: 'called them' });
  await it_.gateway.act(key, { verb: 'acknowledge', escalationId: id, by: TOM });
  await it_.gateway.hold(key, { verb: 'hold', by: TOM, state: 'waiting', reason: 'their holidays' });
  await it_.escalation(key, allSent);
  return key;
}

const wakeOf = (state: OnboardingState, at: number) =>
  state.policy ? reconcile(state, state.policy, at).wake?.at : undefined;
const keysSent = (key: EntityKey) =>
  it_.messages.filter(({ onboarding }) => onboarding.id === key.id).map((message) => message.key);

async function refusal(doing: Promise<unknown>): Promise<RebuildRefusal> {
  return doing.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error as RebuildRefusal,
  );
}

describe('a look at what a rebuild would change', () => {
  it('shows nothing of a healthy one, whatever people did to it', async () => {
    const look = await it_.look(await livedIn());

    expect(look.differences).toEqual([]);
    expect(look).toMatchObject({ workflow: 'running', missing: 0, unlogged: { events: 0, told: 0 } });
    expect(look.presentDigest).toBe(look.rebuiltDigest);
  });

  it('is empty-handed where no event ever spoke of it', async () => {
    expect(await it_.rebuild().look(newKey())).toBeUndefined();
  });
});

describe('a workflow whose state a fault made wrong', () => {
  it('is shown field by field, and put right by a fresh run that goes on where it was', async () => {
    const key = await livedIn();
    const before = await it_.state(key);
    const seenAt = it_.now();
    const [escalation] = before.escalations;
    await it_.rebuilds.stop(key, 'test');
    const { acknowledged: _a, ...forgetful } = escalation as NonNullable<typeof escalation>;
    const wrong = { ...before, escalations: [{ ...forgetful, status: 'open' as const, level: 3 }], personHolds: [] };
    await it_.rebuilds.restart(wrong, []);
    await it_.until(key, ({ escalations }) => escalations[0]?.level === 3);

    const look = await it_.look(key);
    const said = new Map(look.differences.map((one) => [one.field, one] as const));
    expect(said.get(`escalations[${forgetful.id}].level`)).toMatchObject({ present: '3', rebuilt: '1' });
    expect(said.get('personHolds[0].reason')).toMatchObject({ present: null, rebuilt: 'their holidays' });
    await it_.carryOut(key);

    const after = await eventually(() => it_.state(key).catch(() => undefined));
    expect(after.escalations[0]?.acknowledged).toEqual(escalation?.acknowledged);
    expect(after.escalations[0]?.notes).toEqual(escalation?.notes);
    expect(after.personHolds).toEqual(before.personHolds);
    expect(wakeOf(after, seenAt)).toBe(wakeOf(before, seenAt));
    expect((await it_.look(key)).differences).toEqual([]);
  });

  it('is left as it is where a person acts between the look and the word', async () => {
    const key = await livedIn();
    const { confirm } = await it_.look(key);
    await it_.gateway.hold(key, { verb: 'release', by: TOM });

    const { code, message } = await refusal(it_.rebuild().carryOut(key, { confirm, by: 'mia', reason: 'a test' }));

    expect(code).toBe('RebuildOutdated');
    expect(message).toContain('Something has happened since');
    expect((await it_.state(key)).log.some(({ what }) => what.kind === 'rebuilt')).toBe(false);
  });

  it('is left as it is where the archive no longer holds what the log names', async () => {
    const key = await livedIn();
    await it_.postgres.query(it_.url, `delete from inbox where workflow_id like '%${key.id}' and type like '%at_risk'`);
    const { confirm, missing } = await it_.look(key);

    const { code } = await refusal(it_.rebuild().carryOut(key, { confirm, by: 'mia', reason: 'a test' }));

    expect([missing, code]).toEqual([1, 'RebuildIncomplete']);
  });
});

describe('a rebuild', () => {
  it('loses no event that comes while no run is there, and no message goes out twice', async () => {
    const key = await chased();
    const sent = keysSent(key);
    let late = '';
    const gateway = {
      ...it_.deps.gateway,
      restart: async (state: OnboardingState, answered: readonly string[]) => {
        late = await it_.hear(key, fact('moved', it_.now(), { phase: 'integration' }));
        await it_.statusOf(late, 'late');
        await it_.rebuilds.restart(state, answered);
      },
    };

    await it_.carryOut(key, { gateway });

    await it_.until(key, ({ facts }) => facts.some(({ kind }) => kind === 'moved'));
    await it_.statusOf(late, 'signalled');
    expect(keysSent(key)).toEqual(sent);
    expect(new Set(sent).size).toBe(sent.length);
  });

  it.each([
    ['terminated', (key: EntityKey) => it_.terminate(key)],
    ['cancelled', (key: EntityKey) => it_.cancel(key)],
  ])('brings back one that was %s by hand, with what it was sent since', async (_, end) => {
    const key = await livedIn();
    await end(key);
    const since = await it_.hear(key, fact('back_on_track', it_.now()));
    await it_.statusOf(since, 'late');

    const look = await it_.look(key);
    expect(look).toMatchObject({ workflow: 'ended', unlogged: { events: 1 } });
    await it_.carryOut(key);

    await it_.escalation(key, (one) => one.rule === 'at_risk' && one.status === 'resolved');
    await it_.statusOf(since, 'signalled');
    expect((await it_.state(key)).personHolds).toHaveLength(1);
  });

  it('answers a repeat of a request that the run before carried out, and does not do it again', async () => {
    const key = await chased();
    const { id } = await it_.escalation(key, () => true);
    const note = () => it_.gateway.act(key, { verb: 'note', escalationId: id, by: TOM, note: 'once' }, 'note/k1');
    await note();
    await it_.carryOut(key);
    await it_.escalation(key, (one) => one.id === id);

    await note();

    expect((await it_.state(key)).escalations[0]?.notes).toHaveLength(1);
  });

  it('keeps the customer’s link: what the customer says reaches the fresh run', async () => {
    const key = newKey();
    const customerId = `cus_${key.id}`;
    await it_.hear(key, created({ customerId }));
    await it_.until(key, ({ linkedTo }) => linkedTo !== null);
    await it_.carryOut(key);
    await it_.until(key, ({ linkedTo }) => linkedTo !== null);

    const churned = { ...fact('record', it_.now()), kind: 'churned', type: 'customer.churned' } as never;
    await it_.hear({ ...key, id: customerId }, churned, 'customer');

    await eventually(
      async () => (await it_.state(key)).customer?.flags.some(({ name }) => name === 'churned') || undefined,
    );
    expect((await it_.look(key)).differences).toEqual([]);
  });
});

describe('a workflow that stands still', () => {
  it('is made anew with what its history alone knows: people were told that it is done', {
    timeout: 90_000,
  }, async () => {
    const key = await chased();
    const { id } = await it_.escalation(key, () => true);
    const sent = keysSent(key);
    it_.viewsAreLost = true;
    await it_.gateway.act(key, { verb: 'acknowledge', escalationId: id, by: TOM });
    await it_.stopWorker();
    it_.viewsAreLost = false;

    const look = await it_.look(key);
    expect(look).toMatchObject({ workflow: 'stuck', presentDigest: null, unlogged: { told: 1 } });
    await it_.rebuild().carryOut(key, { confirm: look.confirm, by: 'mia', reason: 'it stands still' });
    await it_.startWorker();

    const after = await it_.escalation(key, (one) => one.id === id, 30_000);
    expect(after.acknowledged?.by.id).toBe('tom');
    expect((await it_.look(key)).differences).toEqual([]);
    expect(keysSent(key)).toEqual([...sent, `${id}/acknowledged/1/0/log/mia`]);
  });

  it('is made anew when its own code throws at every task', { timeout: 90_000 }, async () => {
    const key = await livedIn();
    const before = await it_.state(key);
    await it_.rebuilds.stop(key, 'test');
    await it_.rebuilds.restart({ ...before, escalations: null as never }, []);

    await eventually(async () => (await it_.rebuilds.history(key))?.failing || undefined);
    const look = await it_.look(key);
    expect(look.workflow).toBe('stuck');
    await it_.rebuild().carryOut(key, { confirm: look.confirm, by: 'mia', reason: 'it stands still' });

    const after = await eventually(() => it_.state(key).catch(() => undefined), 30_000);
    expect(after.escalations[0]?.acknowledged).toEqual(before.escalations[0]?.acknowledged);
  });
});

/** When the core would let level 2 fall due, were nothing to happen. */
function levelTwoOf(state: OnboardingState, now: number): number | undefined {
  for (let at: number | undefined = now, lived = state; at !== undefined && lived.policy; ) {
    const decision = reconcile(lived, lived.policy, at);
    lived = decision.state;
    const reached = lived.escalations.find(({ level }) => level === 2);
    if (reached) return reached.levelDueAt;
    at = decision.wake?.at;
  }
  return undefined;
}

describe('the ladder of one that was made anew', () => {
  let fast: RebuildStand;
  beforeAll(async () => {
    // Half a day a second: level 2 is due four seconds after level 1.
    fast = await RebuildStand.open(fastClock(1 / 2));
  });
  afterAll(() => fast.close());

  it('goes on at the instant at which it was due, each level once', async () => {
    const key = newKey();
    await fast.hear(key, created({ customerId: null }));
    await fast.hear(key, fact('at_risk', MONDAY_9 + 1));
    await fast.escalation(key, (one) => one.level === 1 && one.sends.some((send) => send.status === 'sent'));
    const before = await fast.state(key);
    const due = levelTwoOf(before, fast.now());

    await fast.carryOut(key);

    const after = await fast.escalation(key, (one) => one.level === 2 && one.sends.length === 2);
    expect(after.levelDueAt).toBe(due);
    const told = () => fast.messages.filter(({ escalation, level }) => escalation.id === after.id && level <= 2);
    await eventually(() => told().length >= 2 || undefined);
    expect(told().map(({ level, recipient }) => [level, recipient.id])).toEqual([
      [1, 'mia'],
      [2, 'tom'],
    ]);
    expect(told()[1]?.at).toBe(due);
  });
});
