import { afterEach, describe, expect, it } from 'vitest';
import { fact, fastClock, MONDAY_9, testPolicy } from '../support/onboarding-fixture.js';
import { eventually } from '../support/temporal.js';
import { type Stand, stand } from './stand.js';

describe('a store that does not answer', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('delays the policy and the view, and loses neither', async () => {
    it_ = await stand(fastClock(1 / 24));
    let down = true;
    it_.recorded.before = () => {
      if (down) throw new Error('connect ECONNREFUSED');
    };
    await it_.gateway.signalEvents(it_.key, [fact('created', MONDAY_9, { name: 'Acme', phase: 'kickoff' })]);
    await eventually(async () => (await it_.state()).counts.applied === 1 || undefined);
    expect(it_.recorded.projections).toEqual([]);

    down = false;

    const projection = await eventually(() => it_.recorded.projections.at(-1));
    expect(projection.view).toMatchObject({ phase: 'kickoff', name: 'Acme' });
    expect(projection.log.map((entry) => entry.what.kind)).toContain('applied');
    await eventually(async () => (await it_.state()).log.length === 0 || undefined);
  });
});

describe('a published policy', () => {
  let it_: Stand;
  afterEach(() => it_.close());

  it('is fetched for the names of the record, again when told, and again for a new owner', async () => {
    it_ = await stand(fastClock(1 / 24));
    await it_.gateway.signalEvents(it_.key, [
      fact('created', MONDAY_9, { phase: 'kickoff', owner: 'mia@vendor.example' }),
    ]);
    await eventually(async () => (await it_.state()).policy?.hash === 'test-policy' || undefined);
    expect(it_.recorded.questions).toHaveLength(1);
    expect(it_.recorded.questions[0]).toMatchObject({ known: null, names: ['mia@vendor.example'] });

    it_.recorded.policy = testPolicy({ hash: 'second' });
    expect(await it_.gateway.announcePolicy(it_.workflowId, 'second')).toBe('signalled');
    await eventually(async () => (await it_.state()).policy?.hash === 'second' || undefined);

    await it_.gateway.signalEvents(it_.key, [fact('record', MONDAY_9 + 1, { owner: 'tom@vendor.example' })]);
    await eventually(() => it_.recorded.questions.length === 3 || undefined);
    expect(it_.recorded.questions[2]?.names).toContain('tom@vendor.example');
    expect(await it_.gateway.announcePolicy(`${it_.workflowId}-unknown`, 'second')).toBe('closed');
  });
});
