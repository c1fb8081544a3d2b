import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findPerson } from '../../src/domain/policy/person.js';
import type { PolicyFile } from '../../src/domain/policy/policy-file.js';
import { RULE_NAMES } from '../../src/domain/policy/policy.js';
import { parseDuration } from '../../src/domain/time/duration.js';
import { loadPolicy } from '../../src/policy-file/load.js';
import { FULL_POLICY, NOW } from './policies.js';

const DEFAULT = readFileSync(new URL('../../config/slipway.yaml', import.meta.url), 'utf8');

function load(text: string, now = NOW): PolicyFile & { hash: string } {
  const loaded = loadPolicy(text, now);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors, null, 1));
  return { ...loaded.file, hash: loaded.hash };
}

describe('a policy file', () => {
  it('that is empty is the default policy that ships', () => {
    const { policy: shipped, ...rest } = load(DEFAULT);
    for (const text of ['', '{}', '# nothing\n']) {
      const { policy, ...others } = load(text);
      expect({ ...policy, hash: '' }).toEqual({ ...shipped, hash: '' });
      expect({ ...others, hash: '' }).toEqual({ ...rest, hash: '' });
    }
  });

  it('has all ten rules on by default, the log channel, and the source pivotal', () => {
    const { policy, channels, sources } = load('');
    expect(Object.keys(policy.rules).sort()).toEqual([...RULE_NAMES].sort());
    const high = RULE_NAMES.filter((rule) => policy.rules[rule]?.severity === 'high');
    expect(high).toEqual(['at_risk', 'target_passed', 'customer_at_risk']);
    expect(policy.channels).toEqual({ log: 'log' });
    expect(channels).toEqual({ log: { type: 'log' } });
    expect(sources).toEqual([
      { name: 'pivotal', mode: 'live', workspace: 'main', secretEnv: 'PIVOTAL_WEBHOOK_SECRET', toleranceMs: 300_000 },
    ]);
  });

  it('that says everything is taken over as written', () => {
    const { policy, channels, sources } = load(FULL_POLICY);

    expect(policy.workspace).toEqual({ timeZone: 'Europe/Berlin', calendar: 'office' });
    expect(policy.phases.at(-1)).toEqual({
      name: 'go-live',
      behind: parseDuration('2 days'),
      stuck: parseDuration('4 days'),
    });
    expect(policy.states).toEqual({ on_hold: 'paused', cancelled: 'closed' });
    expect(policy.roles).toEqual({ exec_sponsor: 'tom' });
    expect(policy.channels).toEqual({ log: 'log', hook: 'webhook', email: 'email' });
    expect(policy.ladders.nudge?.[2]).toEqual({
      after: parseDuration('5 working days'),
      to: ['exec_sponsor'],
      channels: ['hook'],
      repeat: { every: parseDuration('2 working days'), times: 3 },
    });
    expect(policy.ladders).toHaveProperty('urgent');
    expect(policy.rules).not.toHaveProperty('no_activity');
    expect(policy.rules.stuck_in_phase).toEqual({ ladder: 'steep', severity: 'high', anyHour: true });
    expect(policy.rules.target_moved).toMatchObject({ times: 2, days: 14 });
    expect(policy.rules.waiting_too_long?.after).toEqual({
      waiting: parseDuration('10 working days'),
      blocked: parseDuration('10 working days'),
      paused: parseDuration('20 working days'),
    });
    expect(policy.rules.customer_churned?.ladder).toBe('nudge');
    expect(policy.stillTrueAfter).toBeNull();
    expect(policy.catchUp).toEqual({ amount: 1, unit: 'hours' });
    expect(policy.fallback).toEqual({ to: ['tom'], channels: ['hook', 'log'] });
    expect(channels.hook).toEqual({ type: 'webhook', url: 'https://ops.example/hook', secretEnv: 'OPS_HOOK_SECRET' });
    expect(channels.email).toEqual({ type: 'email', smtpUrlEnv: 'SMTP_URL', from: 'Slipway <slipway@vendor.example>' });
    expect(sources.map(({ name, mode, workspace, toleranceMs }) => [name, mode, workspace, toleranceMs])).toEqual([
      ['pivotal', 'live', 'emea', 600_000],
      ['sandbox', 'test', 'main', 300_000],
    ]);
  });

  it('gives people their defaults and compiles their days off in their own zone', () => {
    const { policy } = load(FULL_POLICY);
    const [mia, tom, ana, desk] = policy.people;
    expect(mia?.emails).toEqual(['mia@vendor.example', 'm.park@vendor.example']);
    expect(mia?.timeOff).toEqual([
      { from: Date.parse('2026-11-30T23:00Z'), to: Date.parse('2026-12-05T23:00Z'), delegate: 'ana' },
    ]);
    expect(tom?.timeOff).toEqual([{ from: Date.parse('2026-12-01T05:00Z'), to: Date.parse('2026-12-02T05:00Z') }]);
    expect(ana).toMatchObject({ name: 'ana', calendar: 'office', channels: ['email'] });
    expect(desk?.channels).toEqual(['log']);
    for (const word of ['mia', 'M.Park@vendor.example', 'usr_17']) expect(findPerson(policy, word)).toBe(mia);
  });

  it('counts in the only calendar it defines, and in its zone', () => {
    const { policy } = load('calendars: { berlin: { time_zone: Europe/Berlin } }');
    expect(policy.workspace).toEqual({ calendar: 'berlin', timeZone: 'Europe/Berlin' });
    expect(load('workspace: { time_zone: Asia/Tokyo }').policy.calendars.office?.zone).toBe('Asia/Tokyo');
  });

  it('reads YAML aliases and merge keys', () => {
    const { policy } = load(
      'x: &o { time_zone: Asia/Tokyo }\n'.replace('x: &o', 'workspace: &o').concat('calendars: { tokyo: { <<: *o } }'),
    );
    expect(policy.calendars.tokyo?.zone).toBe('Asia/Tokyo');
  });

  it('has a version that comments, key order and the day do not change, but content and the year do', () => {
    const { hash } = load(FULL_POLICY);
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(load(`# later\n${FULL_POLICY}`, NOW + 86_400_000).hash).toBe(hash);
    expect(load(FULL_POLICY.replace('country: DE, region: BE', 'region: BE, country: DE')).hash).toBe(hash);
    const states = ['on_hold: paused, cancelled: closed', 'cancelled: closed, on_hold: paused'] as const;
    expect(load(FULL_POLICY.replace(...states)).hash).toBe(hash);
    expect(load(FULL_POLICY.replace('3 minutes', '4 minutes')).hash).not.toBe(hash);
    expect(load(FULL_POLICY, Date.parse('2027-01-02T00:00Z')).hash).not.toBe(hash);
    expect(load(FULL_POLICY).policy.hash).toBe(hash);
  });
});
