import { describe, expect, it } from 'vitest';
import { RETRY_SCHEDULE } from '../../src/domain/delivery/schedule.js';
import { loadPolicy } from '../../src/policy-file/load.js';
import { NOW } from './policies.js';

const retryOf = (text: string) => {
  const loaded = loadPolicy(text, NOW);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors, null, 1));
  return loaded.file.webhooks.retry;
};
const told = (text: string) => {
  const loaded = loadPolicy(text, NOW);
  return loaded.ok ? [] : loaded.errors.map(({ line, path, message }) => `${line} ${path}: ${message}`);
};
const hashOf = (text: string) => {
  const loaded = loadPolicy(text, NOW);
  return loaded.ok ? loaded.hash : 'not valid';
};

describe('the webhooks section', () => {
  it('tries eight times within a day where nothing is said', () => {
    expect(retryOf('')).toEqual(RETRY_SCHEDULE);
  });

  it('is taken over as it is written, in seconds too', () => {
    expect(retryOf('webhooks: { retries: [1 second, 2 minutes], last_try: 1 day }')).toEqual({
      waitsMs: [0, 1_000, 120_000],
      lastMs: 86_400_000,
    });
  });

  it('may have one try and a last one', () => {
    expect(retryOf('webhooks: { retries: [], last_try: 1 hour }')).toEqual({ waitsMs: [0], lastMs: 3_600_000 });
  });

  it('refuses a wait that is none, and a last try before the others', () => {
    expect(told('webhooks: { retries: [3 working hours] }')).toEqual([
      expect.stringMatching(/^1 webhooks\.retries\[0\]: "3 working hours" is no wait between two tries: write it like/),
    ]);
    expect(told('webhooks:\n  last_try: 1 hour')).toEqual([
      expect.stringMatching(/^2 webhooks\.last_try: comes before the tries that `retries` makes are over/),
    ]);
  });

  it('changes the version of a policy only where it changes something', () => {
    expect(hashOf('webhooks: { last_try: 1 day }')).toBe(hashOf(''));
    expect(hashOf('webhooks: { last_try: 2 days }')).not.toBe(hashOf(''));
  });
});
