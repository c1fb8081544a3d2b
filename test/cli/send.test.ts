import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../src/cli/example-events.js';
import { Edge } from '../ingress/edge.js';
import { local } from './local-console.js';

const SECRET = `whsec_${Buffer.from('now'.padEnd(24, '-')).toString('base64')}`;
let dir: string;
let edge: Edge;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'slipway-send-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(async () => {
  edge = await Edge.open();
});
const send = (...words: string[]) =>
  local(['send', ...words, '--url', `${edge.url}/webhooks/pivotal`], { secrets: `current=${SECRET}` });
const body = (n = 0) => JSON.parse(edge.inbox.arrivals[n]?.body.toString() ?? '{}');
const file = (value: unknown): string => {
  const at = path.join(dir, 'event.json');
  writeFileSync(at, typeof value === 'string' ? value : JSON.stringify(value));
  return at;
};

describe('slipway send', () => {
  it.each(Object.keys(EXAMPLES))('has an example of %s that is understood, and is a test', async (type) => {
    const { exit, out, err } = await send(type);

    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^200: evt_\S+ \(test\) was taken\.\n$/);
    expect(edge.inbox.arrivals[0]).toMatchObject({ type, secret: 'current' });
    expect(edge.inbox.arrivals[0]?.quarantined).toBeUndefined();
    expect(body().livemode).toBe(false);
    if (type.startsWith('onboarding.') || type === 'task.completed')
      expect(edge.inbox.arrivals[0]?.route).toMatchObject({
        to: 'onboarding',
        key: { id: 'onb_example', mode: 'test' },
      });
  });

  it('takes the id of the event, what it is about, and whether it is live', async () => {
    const words = ['onboarding.created', '--id', 'evt_mine', '--about', 'onb_7', '--live'];

    expect((await send(...words)).out).toBe('200: evt_mine (live) was taken.\n');
    expect(body()).toMatchObject({ id: 'evt_mine', livemode: true, data: { object: { id: 'onb_7' } } });
    expect((await send(...words, '--json')).exit).toBe(0);
    expect((await send('webhook.ping', '--live', '--test')).exit).toBe(2);
  });

  it('takes a whole event or a record from a file', async () => {
    await send('onboarding.created', '--data', file({ id: 'onb_8', phase: 'uat' }));
    await send(
      'onboarding.created',
      '--data',
      file({ id: 'evt_9', livemode: true, data: { object: { id: 'onb_9' } }, extra: 1 }),
    );

    expect(body(0)).toMatchObject({ livemode: false, data: { object: { id: 'onb_8', phase: 'uat' } } });
    expect(body(1)).toMatchObject({ id: 'evt_9', livemode: true, data: { object: { id: 'onb_9' } }, extra: 1 });
  });

  it('says what a repeat and a shape without sense are answered', async () => {
    const same = file({ id: 'evt_1', created_at: '2026-11-24T12:00:00Z', data: { object: { id: 'onb_1' } } });
    await send('onboarding.created', '--data', same);

    expect((await send('onboarding.created', '--data', same)).out).toContain('was there already');
    const json = JSON.parse((await send('onboarding.created', '--data', same, '--json')).out);
    expect(json).toMatchObject({ id: 'evt_1', status: 200, livemode: false, answer: { duplicate: true } });
    expect(json.delivery_id).toMatch(/^msg_/);
  });

  it('ends with 1 where it is turned away, and says by what', async () => {
    const wrong = `whsec_${Buffer.alloc(24).toString('base64')}`;

    const { exit, out, err } = await send('webhook.ping', '--secret', wrong);

    expect([exit, out]).toEqual([1, '']);
    expect(err).toContain('answered 401 no_matching_signature.');
    expect(err).not.toContain(wrong);
    expect(
      (await local(['send', 'webhook.ping', '--url', `${edge.url}/webhooks/nobody`, '--secret', SECRET])).err,
    ).toContain('404');
  });

  it('ends with 3 where nobody answers, or the event could not be stored', async () => {
    edge.inbox.trouble = 'down';
    expect((await send('webhook.ping')).exit).toBe(3);

    const { exit, err } = await local(['send', 'webhook.ping', '--secret', SECRET]);
    expect([exit, err]).toEqual([3, expect.stringContaining('Nobody answers at http://127.0.0.1:1/webhooks/pivotal;')]);
  });

  it.each([
    ['no secret', ['webhook.ping'], 'PIVOTAL_WEBHOOK_SECRET'],
    ['a secret that is none', ['webhook.ping', '--secret', 'abc'], 'does not begin with whsec_'],
    ['a type without example', ['dance', '--secret', SECRET], 'There is no example of "dance"'],
    ['an address that is none', ['webhook.ping', '--secret', SECRET, '--url', 'nowhere'], 'no address to post to'],
    ['a file that is not there', ['webhook.ping', '--secret', SECRET, '--data', '/nowhere/x'], 'there is no such file'],
  ])('refuses %s as wrong usage', async (_what, words, sentence) => {
    expect(await local(['send', ...words])).toMatchObject({ exit: 2, out: '', err: expect.stringContaining(sentence) });
  });

  it.each([['not json'], ['[1]']])('refuses the data %s', async (text) => {
    expect((await send('webhook.ping', '--data', file(text))).exit).toBe(2);
  });
});
