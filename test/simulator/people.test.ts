import { describe, expect, it } from 'vitest';
import { sign } from '../../src/signature/sign.js';
import { parseSecrets } from '../../src/signature/secret.js';
import { Agenda } from '../../src/simulator/agenda.js';
import type { Console } from '../../src/simulator/console.js';
import { decide, People } from '../../src/simulator/people.js';
import { type Heard, openReceiver } from '../../src/simulator/receiver.js';

const MONDAY_9AM = Date.parse('2026-11-02T09:00:00Z');
const DAY_MS = 86_400_000;
const chase = (recipient: string, more: object = {}) => ({
  recipient,
  rule: 'stuck_in_phase',
  onboarding: 'onb_1',
  level: 1,
  time: 1,
  hasFuture: true,
  ...more,
});

const chased = (recipient: string): Heard =>
  ({
    type: 'escalation.notified',
    timestamp: new Date(MONDAY_9AM).toISOString(),
    data: {
      escalation: { id: 'esc:1', rule: 'stuck_in_phase' },
      onboarding: { id: 'onb_1', name: 'Lumora Foods' },
      level: 3,
      recipient: { id: recipient, name: recipient },
    },
  }) as unknown as Heard;

describe('the people', () => {
  it('decide the same about the same chase, whatever came before', () => {
    const all = Array.from({ length: 40 }, (_, n) => decide(11, chase('aylin', { onboarding: `onb_${n}` })));

    expect(Array.from({ length: 40 }, (_, n) => decide(11, chase('aylin', { onboarding: `onb_${n}` })))).toEqual(all);
    expect(new Set(all.map(({ verb }) => verb))).toEqual(new Set(['acknowledge', 'snooze', 'none']));
  });

  it('who are no part of the story do nothing', () => {
    expect(decide(11, chase('somebody')).verb).toBe('none');
  });

  it('at the top resolve it, and close what has no future', () => {
    expect(decide(11, chase('vera')).verb).toBe('resolve');
    expect(decide(11, chase('vera', { hasFuture: false })).verb).toBe('close');
  });

  it('act through the API with their own id, and the onboarding goes on', async () => {
    const posts: [string, object][] = [];
    const console = {
      post: async (path: string, body: object) => {
        posts.push([path, body]);
        return { status: 200, message: '' };
      },
    } as unknown as Console;
    const agenda = new Agenda();
    let movedAt = 0;
    agenda.add({ at: MONDAY_9AM + 20 * DAY_MS, life: 'onb_1', run: (at) => void (movedAt = at) });
    const people = new People({ seed: 11, agenda, console, now: () => MONDAY_9AM, closed: () => {} });

    people.hear(chased('vera'));
    const clock = { anchorReal: Date.now(), anchorVirtual: MONDAY_9AM, speed: 25 * (DAY_MS / 500) };
    await agenda.play(clock, MONDAY_9AM + 25 * DAY_MS, new AbortController().signal);

    expect(posts).toEqual([['/api/v1/escalations/esc%3A1/resolve', expect.objectContaining({ by: 'vera' })]]);
    expect(movedAt).toBeLessThan(MONDAY_9AM + 3 * DAY_MS);
    expect(people.failures).toEqual([]);
  });
});

describe('the receiver', () => {
  const secret = `whsec_${Buffer.from('hook'.padEnd(24, '-')).toString('base64')}`;

  it('hears each signed message once, and refuses what is not signed', async () => {
    const heard: Heard[] = [];
    const receiver = await openReceiver({ secret, heard: (message) => void heard.push(message) });
    const [own] = parseSecrets(secret);
    if (!own) throw new Error('a secret');
    const body = JSON.stringify(chased('mia'));
    const headers = { ...sign(own, 'msg_1', Math.floor(Date.now() / 1000), body) };
    const post = (more: Record<string, string>) => fetch(receiver.url, { method: 'POST', headers: more, body });

    expect([(await post(headers)).status, (await post(headers)).status, (await post({})).status]).toEqual([
      200, 200, 401,
    ]);

    expect(heard.map(({ data }) => data.recipient.id)).toEqual(['mia']);
    expect(receiver.refused).toBe(1);
    await receiver.close();
  });
});
