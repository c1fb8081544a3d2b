import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Svix, Webhook } from 'svix';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { playAsPivotal } from '../../src/simulator/as-pivotal.js';
import { createPage } from '../../src/simulator/page.js';
import { OwnSender } from './own-sender.js';

const TOKEN = 'the-token';
const DAY_MS = 86_400_000;

let own: OwnSender;
const closing: (() => void)[] = [];
beforeEach(async () => {
  own = await OwnSender.open(TOKEN);
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await own.close();
});

/** Somebody else's receiver, which is being written: `secret` verifies from when it is known. */
async function receiver(answer: (nth: number) => number = () => 204) {
  const here = { url: '', secret: '', verified: [] as unknown[], refused: 0 };
  let count = 0;
  const server = createServer((request, response) => {
    void buffer(request).then((raw) => {
      try {
        here.verified.push(new Webhook(here.secret).verify(raw, request.headers as Record<string, string>));
        response.writeHead(answer(++count)).end('down');
      } catch {
        here.refused++;
        response.writeHead(401).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  here.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
  return here;
}

function play(more: { to?: string; told?: (text: string) => void } = {}) {
  const { told = () => {}, ...rest } = more;
  const stopping = new AbortController();
  let text = '';
  const write = (some: string): void => {
    text += some;
    told(text);
    if (text.includes('The story was told')) stopping.abort();
  };
  const ended = playAsPivotal({
    consoleUrl: own.url,
    token: TOKEN,
    onboardings: 1,
    days: 30,
    speed: (30 * DAY_MS) / 800,
    seed: 4,
    live: false,
    page: createPage({ write, isTerminal: false, env: {} }),
    stopped: stopping.signal,
    ...rest,
  }).then(() => text);
  return { ended, stop: () => stopping.abort() };
}

describe('slipway simulate --as-pivotal', () => {
  it('tells a story to the receiver that is named, which verifies it with the secret that is shown', async () => {
    const there = await receiver();
    const told = (text: string): void => {
      there.secret = /Signed with +(whsec_\S+)/.exec(text)?.[1] ?? '';
    };
    const text = await play({ to: there.url, told }).ended;

    await own.settled();
    expect(there.verified.length).toBe(own.attempts.length);
    expect(there.verified[0]).toMatchObject({ type: 'webhook.ping', livemode: false });
    expect(text).toContain(`Token           ${TOKEN}`);
    expect(text).toMatch(/^\d\d:\d\d:\d\d {2}onboarding\.created +127\.0\.0\.1:\d+ {2}204 in \d+ ms$/m);
  });

  it('begins when the receiver takes a ping, asked every two seconds and not when the next try would come', async () => {
    const there = await receiver();
    own.tries = 1;
    const text = await play({
      to: there.url,
      told: (text) => {
        if (text.includes('webhook.ping')) there.secret = /Signed with +(whsec_\S+)/.exec(text)?.[1] ?? '';
      },
    }).ended;

    const lines = text.split('\n').filter((line) => /127\.0\.0\.1:\d+ {2}/.test(line));
    expect(lines[0]).toMatch(/webhook\.ping .* 401 in \d+ ms, given up$/);
    expect(lines[1]).toMatch(/webhook\.ping .* 204 in \d+ ms$/);
    expect(own.world.webhooks.sent[0]).toMatchObject({ eventType: 'webhook.ping' });
    expect(text.indexOf('onboardings over')).toBeGreaterThan(text.indexOf('204 in'));
  });

  it('forges too, and says of a receiver that believes it what is wrong', async () => {
    const careful = await receiver();
    const told = (text: string): void => {
      careful.secret = /Signed with +(whsec_\S+)/.exec(text)?.[1] ?? '';
    };
    expect(await play({ to: careful.url, told }).ended).toMatch(/forgery \(flipped_byte\) turned away with 401/);
    expect(careful.refused).toBeGreaterThan(0);

    const credulous = createServer((_request, response) => response.end());
    await new Promise<void>((resolve) => credulous.listen(0, '127.0.0.1', resolve));
    closing.push(() => credulous.close());
    const to = `http://127.0.0.1:${(credulous.address() as AddressInfo).port}/`;
    expect(await play({ to }).ended).toContain('! A forged event (wrong_secret) was answered 200, not 401.');
  });

  it('shows why a delivery failed and when it is tried again', async () => {
    const there = await receiver((nth) => (nth === 1 ? 500 : 200));
    const told = (text: string): void => {
      there.secret = /Signed with +(whsec_\S+)/.exec(text)?.[1] ?? '';
    };
    const text = await play({ to: there.url, told }).ended;

    expect(text).toMatch(/500 in \d+ ms, next try \d\d:\d\d:\d\d: down\n/);
  });

  it('waits for somebody to add a receiver where none is named, and does not forge then', async () => {
    const there = await receiver();
    let waits = () => {};
    const waiting = new Promise<void>((resolve) => (waits = resolve));
    const playing = play({ told: (text) => text.includes('Waiting for a receiver') && waits() });
    await waiting;
    expect(own.world.webhooks.sent).toEqual([]);

    const svix = new Svix(TOKEN, { serverUrl: own.url });
    const { id } = await svix.endpoint.create('pivotal-simulator', { url: there.url });
    there.secret = (await svix.endpoint.getSecret('pivotal-simulator', id)).key;
    const text = await playing.ended;

    expect(there.verified.length).toBeGreaterThan(5);
    expect(there.refused).toBe(0);
    expect(text).not.toContain('forg');
  });

  it('says that a receiver was disabled, and how it gets events again', async () => {
    const there = await receiver();
    const playing = play({
      to: there.url,
      told: (text) => {
        there.secret = /Signed with +(whsec_\S+)/.exec(text)?.[1] ?? '';
        const [first] = own.world.webhooks.made;
        if (first && text.includes('onboarding.created'))
          own.world.webhooks.made[0] = { ...first, disabled: 'receiver' };
      },
    });

    expect(await playing.ended).toMatch(/is disabled, and gets nothing until `slipway endpoint enable ep_/);
  });

  it('ends when it is stopped, also while it waits', async () => {
    const { ended, stop } = play({ told: (text) => text.includes('Waiting') && stop() });

    expect(await ended).toContain('Waiting for a receiver');
  });
});
