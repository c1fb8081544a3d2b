import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SECRET, Sender } from './sender.js';
import { Machine, until } from './slipway-process.js';

let machine: Machine;
beforeEach(async () => {
  machine = await Machine.make();
});
afterEach(() => machine.remove());

interface Answer {
  readonly last_run: { readonly deleted: object } | null;
  readonly next_run_at: string | null;
  readonly id: string;
  readonly state: string;
  readonly workflows: readonly { readonly workflow_id: string }[];
  readonly payloads: readonly object[];
}

async function ask(path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
  const request = body && { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(`${machine.consoleUrl}${path}`, {
    ...request,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return (await response.json()) as Answer;
}

describe('a started Slipway with payload keys', () => {
  it('encrypts, runs retention by its schedule, and erases', async () => {
    const keys = `k1=${randomBytes(32).toString('base64')}`;
    const slipway = await machine.start({ PIVOTAL_WEBHOOK_SECRET: SECRET, SLIPWAY_PAYLOAD_KEYS: keys }).ready();
    const sender = new Sender(machine.edgeUrl);
    expect(await sender.send('onb_care')).toBe(200);
    await sender.allApplied(machine.consoleUrl);

    expect(new Date((await ask('/api/v1/retention')).next_run_at ?? '').getUTCHours()).toBe(4);
    await ask('/api/v1/retention/run', { by: 'mia' });
    await until(async () => (await ask('/api/v1/retention')).last_run !== null, 'a run of retention is over');

    const { id } = await ask('/api/v1/erasures', { email: 'nobody@customer.example', by: 'mia', reason: 'Asked for' });
    await until(async () => (await ask(`/api/v1/erasures/${id}`)).state === 'done', 'the erasure is done');

    const origin = `http://127.0.0.1:${machine.ports.temporalUi}`;
    const clear = { metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: Buffer.from('"hello"').toString('base64') };
    const { payloads } = await ask('/codec/encode', { payloads: [clear] }, { origin });
    expect(await ask('/codec/decode', { payloads }, { origin })).toEqual({ payloads: [clear] });

    const ui = await fetch(`${origin}/api/v1/settings`);
    expect(JSON.stringify(await ui.json())).toContain(`${machine.consoleUrl}/codec`);

    slipway.signal('SIGINT');
    expect(await slipway.ends()).toBe(0);
    expect(slipway.err).toBe('');
  });

  it('refuses keys that are none, before anything is started', async () => {
    const slipway = machine.start({ SLIPWAY_PAYLOAD_KEYS: 'k1=c2hvcnQ=' });

    expect(await slipway.ends()).toBe(1);
    expect(slipway.err).toContain('Payload key k1 is 5 bytes, and AES-256 takes 32 bytes');
    expect(machine.servers()).toEqual([]);
  });
});
