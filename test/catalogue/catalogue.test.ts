import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, DESCRIBED_EVENTS, exampleOf } from '../../src/contracts/api-catalogue.js';
import { isQuarantined, parseEvent } from '../../src/domain/event/envelope.js';
import { routeEvent } from '../../src/domain/event/route.js';
import { ENDPOINT_TYPES, ESCALATION_TYPES, ONBOARDING_TYPES, PING_TYPE } from '../../src/domain/outgoing/own-types.js';
import { PIVOTAL_TYPES, reemission } from '../../src/domain/outgoing/reemission.js';
import { livedThrough, TellingStore } from '../domain/outgoing/projections.js';
import { OFFICE } from '../support/office-policy.js';
import { happenings } from '../support/random-life.js';
import { policyOf } from '../support/story.js';

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false });
const schemaOf = (name: string) => CATALOGUE.find((type) => type.name === name)?.schemas?.['1'] as object;
const validators = new Map(CATALOGUE.map(({ name }) => [name, ajv.compile(schemaOf(name))]));

/** Why the event is not as its type is described; empty where it is. */
function faults(type: string, event: unknown): string {
  const validate = validators.get(type);
  if (!validate) return `${type} is in no catalogue`;
  return validate(event) ? '' : `${type}: ${ajv.errorsText(validate.errors)}`;
}

describe('the catalogue', () => {
  it('holds everything that is told, each once: fifteen of Pivotal, eight own, two of endpoints, and the ping', () => {
    const names = CATALOGUE.map(({ name }) => name);

    expect(names).toEqual([...PIVOTAL_TYPES, ...ESCALATION_TYPES, ...ONBOARDING_TYPES, ...ENDPOINT_TYPES, PING_TYPE]);
    expect(new Set(names).size).toBe(26);
  });

  it('names and groups them as filters and Svix’s clients do, with a sentence on what each says and when', () => {
    for (const { name, groupName, description, archived, deprecated } of CATALOGUE) {
      expect(name).toMatch(/^[a-z]+\.[a-z_]+$/);
      expect(groupName).toBe(name.split('.')[0]);
      expect(description.split('. ').length, name).toBeGreaterThan(1);
      expect([archived, deprecated]).toEqual([false, false]);
    }
  });

  it('has an example of each that is as its schema says, of test mode, and that shows the type', () => {
    for (const { name } of DESCRIBED_EVENTS) {
      const example = exampleOf(name);
      expect(faults(name, example)).toBe('');
      expect((schemaOf(name) as { examples: unknown }).examples).toEqual([example]);
      expect(example).toMatchObject({ type: name, livemode: false });
    }
    expect(exampleOf('onboarding.renamed')).toBeUndefined();
  });

  it('refuses what is no such event: another type, no record, a status that is none', () => {
    const example = exampleOf('escalation.resolved') as { data: { object: object } };

    expect(faults('escalation.resolved', exampleOf('escalation.opened'))).not.toBe('');
    expect(faults('escalation.resolved', { ...example, data: {} })).not.toBe('');
    const odd = { ...example, data: { object: { ...example.data.object, status: 'done' } } };
    expect(faults('escalation.resolved', odd)).not.toBe('');
  });

  it('lets fields be added, in the envelope and in every record', () => {
    for (const { name } of DESCRIBED_EVENTS) {
      const example = exampleOf(name) as { data: { object: object } };
      const grown = {
        ...example,
        added: 1,
        data: { ...example.data, added: 1, object: { ...example.data.object, added: 1 } },
      };
      expect(faults(name, grown)).toBe('');
    }
  });
});

describe('the examples of Pivotal’s types', () => {
  it.each(PIVOTAL_TYPES)('lead the way in to what they are of: %s', (type) => {
    const parsed = parseEvent(exampleOf(type));
    if (isQuarantined(parsed)) throw new Error('not understood');
    const hearing = {
      source: 'pivotal',
      workspace: 'main',
      sourceMode: 'live',
      heardAt: 2e12,
      fallbackAt: 2e12,
    } as const;

    const route = routeEvent(parsed, hearing);

    expect(parsed).toMatchObject({ type, org: 'org_example', livemode: false, occurredAt: expect.any(Number) });
    const isOfOnboarding = type.startsWith('onboarding.') || type.startsWith('task.');
    expect(route).toMatchObject({
      to: isOfOnboarding ? 'onboarding' : 'customer',
      key: { id: isOfOnboarding ? 'onb_example' : 'cus_example', mode: 'test' },
    });
  });
});

describe('what is really told', () => {
  it('is as the catalogue describes it, of any life', () => {
    const policy = policyOf(OFFICE);
    fc.assert(
      fc.property(happenings, (list) => {
        const store = new TellingStore();
        for (const snapshot of livedThrough(policy, list)) store.write(snapshot);

        for (const { type, payload } of store.messages) expect(faults(type, JSON.parse(payload))).toBe('');
      }),
      { numRuns: 100 },
    );
  });

  it('is so of Pivotal’s events in every dialect', () => {
    for (const type of PIVOTAL_TYPES) {
      const { data, ...rest } = exampleOf(type) as { data: { object: object } };
      for (const body of [
        { ...rest, data },
        { id: rest, type, data: data.object },
        { type, data },
      ]) {
        const event = {
          eventId: 'evt_1',
          type,
          mode: 'live',
          org: null,
          occurredAt: null,
          receivedAt: 0,
          of: 'a',
        } as const;
        const message = reemission({ ...event, body: JSON.stringify(body) });
        expect(faults(type, JSON.parse(message?.payload ?? 'null'))).toBe('');
      }
    }
  });
});
