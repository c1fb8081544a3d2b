import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/domain/onboarding/log.js';
import { type Served, serve } from './served.js';
import { anEscalation, anEvent, anOnboarding, DAY, HOUR, iso, keyOf, NOW } from './views.js';
import { World } from './world.js';

let world: World;
let api: Served;
beforeEach(async () => {
  world = new World();
  api = await serve(world.deps());
});
afterEach(() => api.close());

describe('the archive', () => {
  it('tells what an event says and where it went', async () => {
    world.archive.push(anEvent(7, 'onb_1', { duplicates: 2 }));

    const { json } = await api.get(
      '/api/v1/events?type=onboarding.phase_changed&source=pivotal&status=signalled&limit=3',
    );

    expect(json.data).toEqual([
      expect.objectContaining({
        seq: '7',
        id: 'evt_7',
        status: 'signalled',
        onboarding_id: 'onb_1',
        customer_id: null,
        workspace: 'main',
        mode: 'live',
        workflow_id: 'onboarding/main/onb_1',
        duplicates: 2,
        text: 'Moved from integration to uat',
      }),
    ]);
    expect(world.filters.events).toEqual({
      type: 'onboarding.phase_changed',
      source: 'pivotal',
      status: 'signalled',
      limit: 3,
    });
  });

  it('shows what is of no workflow', async () => {
    world.archive.push(
      anEvent(8, 'x', { route: null, status: 'unrouted', quarantined: 'not_json', type: null, occurredAt: null }),
    );

    const { json } = await api.get('/api/v1/events');

    expect(json.data[0]).toMatchObject({
      quarantined: 'not_json',
      onboarding_id: null,
      workflow_id: null,
      text: null,
      occurred_at: null,
    });
  });

  it.each([
    ['onboarding_id=onb_1', 'onboarding/emea/onb_1'],
    ['onboarding_id=onb_new', 'onboarding/main/onb_new'],
    ['onboarding_id=onb_new&mode=test&workspace=w', 'test/onboarding/w/onb_new'],
    ['customer_id=cus_1', 'customer/main/cus_1'],
  ])('finds the events of ?%s', async (query, workflowId) => {
    world.add(anOnboarding('onb_1', { workspace: 'emea' }));

    await api.get(`/api/v1/events?${query}`);

    expect(world.filters.events).toEqual({ workflowId, limit: 50 });
  });

  it.each([
    ['mode=test', { mode: 'test' }],
    ['workspace=eu&type=task.completed', { workspace: 'eu', type: 'task.completed' }],
  ])('keeps to ?%s where no id is given', async (query, filter) => {
    await api.get(`/api/v1/events?${query}`);

    expect(world.filters.events).toEqual({ ...filter, limit: 50 });
  });

  it('refuses two subjects at once', async () => {
    expect((await api.get('/api/v1/events?customer_id=c&onboarding_id=o')).status).toBe(422);
  });

  it('shows one event with the exact text that was signed, by its own id and by seq', async () => {
    world.archive.push(anEvent(7, 'onb_1'));

    for (const ref of ['evt_7', '7']) {
      const { json } = await api.get(`/api/v1/events/${ref}`);
      expect(json).toMatchObject({
        seq: '7',
        body: '{"id":"evt_7","name":"Zoë"}',
        headers: { 'svix-id': 'msg_7' },
        verified_with: 'first',
      });
    }
    expect((await api.get('/api/v1/events/evt_404')).json.error.code).toBe('UnknownEvent');
  });

  it('hands an event to its workflow once more', async () => {
    world.archive.push(anEvent(7, 'onb_1'), anEvent(8, 'x', { route: null }));

    const answer = await api.request('POST', '/api/v1/events/evt_7/redeliver');
    expect([answer.status, answer.json, world.redelivered]).toEqual([200, { seq: '7', redelivered: true }, ['7']]);

    expect((await api.request('POST', '/api/v1/events/8/redeliver')).status).toBe(422);
    expect((await api.request('POST', '/api/v1/events/9/redeliver')).status).toBe(404);
    expect(world.redelivered).toEqual(['7']);
  });
});

describe('rejections', () => {
  it('are listed with their reason', async () => {
    world.turnedAway.push({
      seq: '3',
      source: 'pivotal',
      reason: 'stale_timestamp',
      message: 'Signed 10 minutes ago.',
      at: NOW,
      deliveryId: 'msg_1',
      remote: '127.0.0.1',
      bytes: 17,
    });

    const { json } = await api.get('/api/v1/rejections?reason=stale_timestamp');

    expect(json.data).toEqual([
      {
        seq: '3',
        source: 'pivotal',
        reason: 'stale_timestamp',
        message: 'Signed 10 minutes ago.',
        rejected_at: iso(NOW),
        delivery_id: 'msg_1',
        remote: '127.0.0.1',
        bytes: 17,
      },
    ]);
    expect((await api.get('/api/v1/rejections?reason=bad_luck')).status).toBe(422);
  });
});

describe('the timeline', () => {
  const escalation = anEscalation('onb_1');
  const LOG: readonly LogEntry[] = [
    { seq: 1, at: NOW - 90 * HOUR, what: { kind: 'applied', events: ['evt_1'] }, text: 'Moved.' },
    { seq: 2, at: NOW - 50 * HOUR, what: { kind: 'opened', escalation: escalation.id }, text: 'Stuck in uat.' },
    { seq: 3, at: NOW - 50 * HOUR, what: { kind: 'woke' }, text: 'The clock.' },
    {
      seq: 4,
      at: NOW - 40 * HOUR,
      what: {
        kind: 'action',
        action: { verb: 'acknowledge', escalationId: escalation.id, by: { id: 'mia', name: 'Mia Park' } },
      },
      text: 'Mia Park took it on.',
    },
  ];
  beforeEach(() => {
    world.add(anOnboarding('onb_1'));
    world.archive.push(anEvent(1, 'onb_1'), anEvent(50, 'onb_1'), anEvent(70, 'onb_1', { status: 'late' }));
    world.log.push(...LOG);
  });

  it('tells what was heard and what was decided as one story, oldest first', async () => {
    const { json } = await api.get('/api/v1/onboardings/onb_1/timeline');

    expect(
      json.data.map((entry: { kind: string; what: string; seq: string }) => `${entry.kind} ${entry.what} ${entry.seq}`),
    ).toEqual([
      'event onboarding.phase_changed 1',
      'event onboarding.phase_changed 50',
      'decision opened 2',
      'decision acknowledge 4',
      'event onboarding.phase_changed 70',
    ]);
    expect(json.data[0]).toMatchObject({
      text: 'Moved from integration to uat',
      applied_at: iso(NOW - 90 * HOUR),
      event_id: 'evt_1',
    });
    expect(json.data[1].applied_at).toBeNull();
    expect(json.data[2]).toMatchObject({ escalation_id: escalation.id, by: null });
    expect(json.data[3]).toMatchObject({ escalation_id: escalation.id, by: 'Mia Park' });
    expect(json.data[4].text).toContain('after the end');
  });

  it('goes on after a page even where an older entry has come in between', async () => {
    const first = await api.get('/api/v1/onboardings/onb_1/timeline?limit=3');
    world.archive.push(anEvent(2, 'onb_1'));
    const second = await api.get(`/api/v1/onboardings/onb_1/timeline?limit=3&cursor=${first.json.next_cursor}`);

    expect(first.json.data).toHaveLength(3);
    expect(second.json.data.map((entry: { seq: string }) => entry.seq)).toEqual(['4', '70']);
    expect(second.json.next_cursor).toBeNull();
  });

  it.each(['abc', 'W10', Buffer.from('[1,2,3]').toString('base64url')])('refuses the cursor %s', async (cursor) => {
    expect((await api.get(`/api/v1/onboardings/onb_1/timeline?cursor=${cursor}`)).status).toBe(400);
  });
});

describe('why', () => {
  it('answers for an instant of the past, and for now where none is named', async () => {
    world.add(anOnboarding('onb_1'));

    const then = await api.get(`/api/v1/onboardings/onb_1/why?at=${iso(NOW - 3 * DAY)}`);
    const now = await api.get('/api/v1/onboardings/onb_1/why');

    expect(then.json).toEqual({
      at: iso(NOW - 3 * DAY),
      lines: [
        {
          about: 'stuck_in_phase',
          fires: true,
          text: 'In uat for more than 5 working days: open, level 1.',
          due_at: null,
        },
        {
          about: 'target_near',
          fires: false,
          text: 'Not yet: target 2026-12-01 near on Tue 24 Nov 10:00 UTC if nothing changes.',
          due_at: iso(NOW + DAY),
        },
      ],
      wake: { at: iso(NOW + DAY), label: 'Stuck in uat: level 2 due' },
    });
    expect(now.json.at).toBe(iso(NOW));
  });

  it('asks about the onboarding that was chosen', async () => {
    world.add(anOnboarding('onb_1'));
    world.add(anOnboarding('onb_1', { mode: 'test' }));
    const asked: unknown[] = [];
    await api.close();
    api = await serve(world.deps({ why: async (key, at) => (asked.push(key), { at, why: [], wake: null }) }));

    await api.get('/api/v1/onboardings/onb_1/why?mode=test');

    expect(asked).toEqual([keyOf('onb_1', { mode: 'test' })]);
  });

  it('is 404 where nothing is known, 422 for an instant that is none', async () => {
    expect((await api.get('/api/v1/onboardings/nobody/why')).status).toBe(404);
    world.add(anOnboarding('onb_1'));
    expect((await api.get('/api/v1/onboardings/onb_1/why?at=yesterday')).status).toBe(422);
  });
});
