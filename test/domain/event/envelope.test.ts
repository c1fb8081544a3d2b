import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../src/domain/event/envelope.js';
import { inDialects, parsed } from './a-hearing.js';

const UNKNOWN = { quarantined: 'unknown_shape' };
const AT = Date.UTC(2026, 10, 2, 9, 15, 30, 250);

describe('the envelope of an event', () => {
  const dialects = inDialects('onboarding.phase_changed', { id: 'onb_1', phase: 'uat' }, { phase: 'kickoff' });

  it('is read alike in all four dialects', () => {
    for (const dialect of Object.values(dialects)) {
      const event = parsed(dialect);
      expect([event.id, event.type, event.record['id'], event.record['phase']]).toEqual([
        'evt_1',
        'onboarding.phase_changed',
        'onb_1',
        'uat',
      ]);
    }
  });

  it('takes the time from created_at, else from timestamp, else has none', () => {
    expect(parsed(dialects.A).occurredAt).toBe(AT);
    expect(parsed(dialects.B).occurredAt).toBe(AT);
    expect(parsed(dialects.D).occurredAt).toBeNull();
    expect(parsed({ id: 'e', type: 't', created_at: 'yesterday', timestamp: AT / 1000 }).occurredAt).toBe(AT);
  });

  it('takes the workspace from org_id, org or org.id, and the mode only where it is said', () => {
    expect(Object.values(dialects).map((one) => parsed(one).org)).toEqual(['org_3dN', 'org_3dN', null, null]);
    expect(parsed({ id: 'e', type: 't', org: 'org_1' }).org).toBe('org_1');
    expect(Object.values(dialects).map((one) => parsed(one).livemode)).toEqual([true, null, null, null]);
    expect(parsed({ id: 'e', type: 't', livemode: 'false' }).livemode).toBeNull();
  });

  it('finds the values before the event, and takes null and absence for none', () => {
    expect(parsed(dialects.A).previous).toEqual({ phase: 'kickoff' });
    expect(parsed(dialects.C).previous).toEqual({ phase: 'kickoff' });
    expect(parsed({ id: 'e', type: 't', data: { object: {}, previous_attributes: null } }).previous).toEqual({});
  });

  it('quarantines whatever has no usable id and type of its own', () => {
    const inherited = Object.create({ id: 'evt_1', type: 'x' }) as object;
    const unusable = [
      null,
      7,
      'text',
      true,
      [1, 2],
      [{ id: 'e', type: 't' }],
      {},
      { no: 'id' },
      { id: 'e' },
      { type: 't' },
      inherited,
    ];
    for (const json of unusable) expect(parseEvent(json)).toEqual(UNKNOWN);
    for (const id of ['', 7, null, '\ud800', 'a\0b', 'é'.repeat(61), 'x'.repeat(121)])
      expect(parseEvent({ id, type: 't' })).toEqual(UNKNOWN);
    for (const type of ['', ' ', '\0', 7, null]) expect(parseEvent({ id: 'e', type })).toEqual(UNKNOWN);
    expect(parsed({ id: 'x'.repeat(120), type: 't' }).id).toHaveLength(120);
  });

  it('accepts an unknown type without any data', () => {
    expect(parsed({ id: 'e', type: 'weather.changed' })).toMatchObject({
      type: 'weather.changed',
      record: {},
      previous: {},
    });
  });

  it('is not led astray by keys of the prototype', () => {
    const json: unknown = JSON.parse(
      '{"__proto__":{"id":"evil","livemode":false},"id":"e","type":"t","data":{"__proto__":{"object":{"id":"evil"}}}}',
    );
    const event = parsed(json);
    expect([event.id, event.livemode, event.record['id']]).toEqual(['e', null, undefined]);
    expect(({} as { livemode?: unknown }).livemode).toBeUndefined();
  });

  it('never throws, whatever the JSON', () => {
    const key = fc.constantFrom(
      'id',
      'type',
      'data',
      'created_at',
      'timestamp',
      'org',
      'org_id',
      'livemode',
      '__proto__',
      'constructor',
    );
    const near = fc.dictionary(key, fc.jsonValue());
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), near), (json) => {
        expect(parseEvent(json)).toBeTypeOf('object');
      }),
      { numRuns: 3000 },
    );
  });
});
