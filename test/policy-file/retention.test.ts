import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../src/domain/time/duration.js';
import { loadPolicy } from '../../src/policy-file/load.js';
import { decisiveRetention, retention } from '../../src/policy-file/retention-section.js';
import { FULL_POLICY, NOW } from './policies.js';

function retentionOf(text: string) {
  const loaded = loadPolicy(text, NOW);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors, null, 1));
  return loaded.file.retention;
}

function told(text: string): string[] {
  const loaded = loadPolicy(text, NOW);
  return loaded.ok ? [] : loaded.errors.map(({ line, path, message }) => `${line} ${path}: ${message}`);
}

const hashOf = (text: string) => {
  const loaded = loadPolicy(text, NOW);
  return loaded.ok ? loaded.hash : 'not valid';
};

describe('the retention section', () => {
  it('keeps what the sender may still repeat, where nothing is said', () => {
    expect(retentionOf('')).toEqual({
      eventsMs: 90 * DAY_MS,
      rejectionsMs: 30 * DAY_MS,
      sendsMs: 90 * DAY_MS,
      auditMs: 400 * DAY_MS,
      messagesMs: 90 * DAY_MS,
      sources: {},
    });
  });

  it('is taken over as it is written', () => {
    expect(retentionOf(FULL_POLICY)).toEqual({
      eventsMs: 120 * DAY_MS,
      rejectionsMs: 10 * DAY_MS,
      sendsMs: 60 * DAY_MS,
      auditMs: 500 * DAY_MS,
      messagesMs: 90 * DAY_MS,
      sources: { sandbox: 14 * DAY_MS, pivotal: 95 * DAY_MS },
    });
  });

  it('refuses to forget an event before the sender does, and says why', () => {
    expect(told('retention: { events: 30 days }')).toEqual([
      expect.stringMatching(
        /^1 retention\.events: "30 days" is less than the 90 days within which the sender may send/,
      ),
    ]);
    expect(told('retention:\n  sources: { pivotal: 89 days }')).toEqual([
      expect.stringMatching(
        /^2 retention\.sources\.pivotal: "89 days" is less than the 90 days .*write 90 days or more/,
      ),
    ]);
  });

  it('lets a test source keep less, whose events nobody is told of', () => {
    expect(
      told('sources: { sandbox: { mode: test, secret_env: S } }\nretention: { sources: { sandbox: 1 day } }'),
    ).toEqual([]);
  });

  it('names a source that is none, and lengths that make no sense', () => {
    expect(told('retention: { sources: { sandbox: 100 days } }')).toEqual([
      '1 retention.sources.sandbox: There is no source "sandbox". Add it under sources, or name another.',
    ]);
    expect(told('retention: { audit: 10 working days }')[0]).toContain('counts working time');
    expect(told('retention: { sends: 0 days }')[0]).toContain('no time at all');
    expect(told('retention: { event: 90 days }')[0]).toContain('Did you mean "events"?');
  });

  it('leaves the version of a policy as it was before there was one, and makes another when it is changed', () => {
    expect(hashOf('retention: { events: 90 days }')).toBe(hashOf(''));
    expect(hashOf('retention: { events: 91 days }')).not.toBe(hashOf(''));
  });

  it('leaves the version of a file from before outgoing messages as it was', () => {
    const before = { events: '91 days', rejections: '30 days', sends: '90 days', audit: '400 days', sources: {} };

    expect(Object.keys(decisiveRetention(retention.parse(before)) ?? {})).toEqual(Object.keys(before));
    expect(hashOf('retention: { messages: 30 days }')).not.toBe(hashOf(''));
    expect(hashOf('retention: { events: 91 days, messages: 30 days }')).not.toBe(
      hashOf('retention: { events: 91 days }'),
    );
  });
});
