import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isQuarantined, parseEvent } from '../../../src/domain/event/envelope.js';
import { type ArchivedEvent, PIVOTAL_TYPES, reemission } from '../../../src/domain/outgoing/reemission.js';

const AT = Date.parse('2026-11-02T09:15:30.250Z');
const RECORD = { id: 'onb_91a', phase: 'integration', name: 'Grüße · 日本' };
const PREVIOUS = { phase: 'kickoff' };

/** An event as the archive holds it after the way in has read its body. */
function archived(body: string, more: Partial<ArchivedEvent> = {}): ArchivedEvent {
  const parsed = parseEvent(JSON.parse(body));
  if (isQuarantined(parsed)) throw new Error('no event');
  const { id, type, occurredAt, org } = parsed;
  const row = { eventId: id, type, mode: 'live' as const, org, occurredAt, receivedAt: AT + 90_000 };
  return { ...row, of: 'onboarding/main/onb_91a', body, ...more };
}

const event = (fields: object): string =>
  JSON.stringify({ id: 'evt_7fKq2', type: 'onboarding.phase_changed', ...fields });
const told = (body: string, more: Partial<ArchivedEvent> = {}): unknown =>
  JSON.parse(reemission(archived(body, more))?.payload ?? 'null');

const DIALECTS = {
  'of the webhook pages': event({
    created_at: '2026-11-02T09:15:30.250Z',
    org_id: 'org_3dN',
    livemode: true,
    api_version: 'v1',
    data: { object: RECORD, previous_attributes: PREVIOUS },
  }),
  'of the overview': event({
    timestamp: '2026-11-02T09:15:30.250Z',
    org: { id: 'org_3dN' },
    data: { object: RECORD, previous_attributes: PREVIOUS },
  }),
  'of the integrations page': event({ created_at: '2026-11-02T09:15:30.250Z', data: RECORD }),
  'of the event reference': event({ data: { object: RECORD } }),
};

describe('an event of Pivotal that is told on', () => {
  it.each(Object.entries(DIALECTS))('has the same envelope, whichever dialect it came in: %s', (name, body) => {
    const said = {
      id: 'evt_7fKq2',
      type: 'onboarding.phase_changed',
      // Where the event says no time, its receipt is the nearest to it.
      timestamp: name.endsWith('reference') ? '2026-11-02T09:17:00.250Z' : '2026-11-02T09:15:30.250Z',
      org: body.includes('org_3dN') ? 'org_3dN' : null,
      livemode: true,
      data: { object: RECORD, ...(body.includes('previous') ? { previous_attributes: PREVIOUS } : {}) },
    };

    expect(told(body)).toEqual(said);
    expect(Object.keys(told(body) as object)).toEqual(['id', 'type', 'timestamp', 'org', 'livemode', 'data']);
  });

  it('carries the event’s own id, the mode it was taken in, and what it concerns', () => {
    const message = reemission(archived(DIALECTS['of the overview'], { mode: 'test' }));

    expect(message).toMatchObject({ id: 'evt_7fKq2', mode: 'test', of: 'onboarding/main/onb_91a' });
    expect(JSON.parse(message?.payload ?? '')).toMatchObject({ livemode: false });
  });

  it('passes the record on letter by letter: no number loses a digit', () => {
    const record =
      '{"id":"onb_1", "display_id":12345678901234567890,"score": 1.10, "big":1e400, "tricky":"},{\\"data\\":"}';
    const body = `{ "type":"onboarding.created","id":"evt_1",\n "data" : {"previous_attributes":null,"object" : ${record} } }`;

    expect(reemission(archived(body))?.payload).toContain(`"data":{"object":${record}}}`);
  });

  it('reads a member that comes twice, or under an escaped name, as every JSON reader does', () => {
    const body =
      '{"id":"evt_1","type":"task.completed","data":{"object":{"id":"a"}},"d\\u0061ta":{"object":1,"object":{"id":"tsk_1"}}}';

    expect(told(body)).toMatchObject({ data: { object: { id: 'tsk_1' } } });
  });

  it('is read by the way in again, with the same record and the same values before', () => {
    const json = fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()));
    fc.assert(
      fc.property(fc.constantFrom(...PIVOTAL_TYPES), json, json, fc.boolean(), (type, object, previous, flat) => {
        const data = flat ? object : { object, previous_attributes: previous };
        const body = JSON.stringify({ id: 'evt_1', type, created_at: '2026-11-02T09:15:30Z', data }, null, 1);
        const before = parseEvent(JSON.parse(body));
        const message = reemission(archived(body));
        if (!message) return;

        const after = parseEvent(JSON.parse(message.payload));
        if (isQuarantined(before) || isQuarantined(after)) throw new Error('no event');
        expect(after.record).toEqual(before.record);
        expect(after.previous).toEqual(before.previous);
        expect([after.id, after.type, after.occurredAt]).toEqual([before.id, before.type, before.occurredAt]);
      }),
      { numRuns: 500 },
    );
  });

  it('is one of the fifteen types alone', () => {
    for (const type of PIVOTAL_TYPES) expect(told(event({ type, data: { object: RECORD } }))).toMatchObject({ type });
    for (const type of ['onboarding.updated', 'phase.changed', 'webhook.ping', 'escalation.opened', 'Task.completed'])
      expect(told(event({ type, data: { object: RECORD } }))).toBeNull();
    expect(PIVOTAL_TYPES).toHaveLength(15);
  });

  it('is not told where there is no record: a body that was erased, is no JSON, or has no data', () => {
    const row = archived(DIALECTS['of the overview']);

    for (const body of ['{"erased_by":"era_1f"}', 'not json', '', 'null', '[]', event({}), event({ data: [] })])
      expect(reemission({ ...row, body })).toBeUndefined();
    expect(reemission({ ...row, type: null })).toBeUndefined();
  });
});
