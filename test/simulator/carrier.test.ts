import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../../src/contracts/inbox.js';
import { createPage } from '../../src/simulator/page.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Edge } from '../ingress/edge.js';
import { OwnSender } from './own-sender.js';

/** What the edge of test/ingress calls current. */
const SECRET = `whsec_${Buffer.from('now'.padEnd(24, '-')).toString('base64')}`;
const DAY_MS = 86_400_000;

let edge: Edge;
let own: OwnSender;
beforeEach(async () => {
  edge = await Edge.open();
  own = await OwnSender.open();
});
afterEach(() => own.close());

async function run(more: { consoleUrl?: string; url?: string; seed?: number; stopped?: AbortSignal } = {}) {
  let text = '';
  const page = createPage({ write: (some) => void (text += some), isTerminal: false, env: {} });
  const code = await simulate({
    url: `${edge.url}/webhooks/pivotal`,
    secret: SECRET,
    consoleUrl: own.url,
    onboardings: 2,
    days: 30,
    speed: (30 * DAY_MS) / 600,
    seed: 4,
    live: false,
    page,
    isTerminal: false,
    stopped: new AbortController().signal,
    ...more,
  });
  const counted = (pattern: RegExp) => (pattern.exec(text) ?? []).slice(1).map(Number);
  const [acknowledged = -1, duplicates = -1] = counted(/(\d+) acknowledged, (\d+) of them/);
  const [retries = -1] = counted(/Tried again +(\d+)/);
  const [turnedAway = -1, forged = -2] = counted(/(\d+) of (\d+) turned away/);
  return { code, text, acknowledged, duplicates, retries, turnedAway, forged };
}

describe('slipway simulate, where a console is at hand', () => {
  it("has that Slipway's own sender deliver every event, and counts what its log says", async () => {
    const { code, text, acknowledged, duplicates, turnedAway, forged } = await run();

    expect(code).toBe(0);
    const { apps, made, sent, secrets } = own.world.webhooks;
    expect(apps.map(({ uid }) => uid)).toContain('pivotal-simulator');
    expect(made).toMatchObject([{ uid: 'own-ingress', url: `${edge.url}/webhooks/pivotal` }]);
    expect(secrets.get(made[0]?.id ?? '')).toBe(SECRET);
    expect(acknowledged).toBe(own.attempts.length);
    expect(own.attempts.filter(({ trigger }) => trigger === 'manual')).toHaveLength(duplicates);
    expect(edge.inbox.arrivals).toHaveLength(sent.length);
    expect(duplicates).toBeGreaterThan(0);
    expect(turnedAway).toBe(forged);
    expect(text).toContain('slipway endpoint attempts own-ingress --app pivotal-simulator');
  });

  it('sends a story once more under its seed, and every event is known', async () => {
    const first = await run();
    const again = await run();

    expect(again.code).toBe(0);
    expect(own.world.webhooks.made).toHaveLength(1);
    expect(again.acknowledged).toBe(first.acknowledged);
    expect(again.duplicates).toBe(again.acknowledged);
  });

  it('sees the tries that a trouble at the edge costs', async () => {
    let failing = 5;
    const accept = edge.inbox.accept.bind(edge.inbox);
    edge.inbox.accept = (arrival) =>
      failing-- > 0 ? Promise.reject(new StoreUnavailable('out of order')) : accept(arrival);
    own.tries = 10;

    const { code, retries } = await run();

    expect(code).toBe(0);
    expect(retries).toBe(5);
  });

  it('ends with 1 and says how an event was answered that was given up', async () => {
    edge.now = () => Date.now() + 3_600_000;

    const { code, text } = await run();

    expect(code).toBe(1);
    expect(text).toContain('was answered 401 stale_timestamp');
  });

  it('signs with the secret that is given now, also where an endpoint is there from before', async () => {
    await run();
    own.world.webhooks.secrets.set(
      own.world.webhooks.made[0]?.id ?? '',
      `whsec_${Buffer.alloc(24).toString('base64')}`,
    );

    expect((await run({ seed: 5 })).code).toBe(0);
    expect(own.world.webhooks.made).toHaveLength(1);
  });
});

describe('slipway simulate posts by itself, and says why', () => {
  it('where no console answers', async () => {
    const { code, text } = await run({ consoleUrl: 'http://127.0.0.1:9' });

    expect([code, own.attempts.length]).toEqual([0, 0]);
    expect(text).toContain('No console answers at http://127.0.0.1:9. So the simulator posts the events itself.');
  });

  it('where the console wants a token', async () => {
    const guarded = await OwnSender.open('the-token');
    const { code, text } = await run({ consoleUrl: guarded.url });
    await guarded.close();

    expect(code).toBe(0);
    expect(text).toMatch(/answers 401: .*So the simulator posts/);
  });

  it('where the edge is of another machine than the console', async () => {
    const { text } = await run({ url: 'http://edge.invalid/webhooks/pivotal', stopped: AbortSignal.abort() });

    expect(text).toContain('is not of the Slipway whose console is');
    expect(own.world.webhooks.apps.map(({ uid }) => uid)).not.toContain('pivotal-simulator');
  });
});
