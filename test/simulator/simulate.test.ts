import { describe, expect, it } from 'vitest';
import { createPage } from '../../src/simulator/page.js';
import { simulate } from '../../src/simulator/simulate.js';
import { Edge } from '../ingress/edge.js';

const SECRET = `whsec_${Buffer.from('now'.padEnd(24, '-')).toString('base64')}`;
const DAY_MS = 86_400_000;

async function run(edge: Edge, live: boolean) {
  let text = '';
  const page = createPage({ write: (more) => void (text += more), isTerminal: false, env: {} });
  const code = await simulate({
    url: `${edge.url}/webhooks/pivotal`,
    secret: SECRET,
    onboardings: 2,
    days: 30,
    speed: (30 * DAY_MS) / 600,
    seed: 4,
    live,
    page,
    isTerminal: false,
    stopped: new AbortController().signal,
  });
  return { code, text };
}

const modes = (edge: Edge) => new Set(edge.inbox.arrivals.flatMap(({ route }) => (route ? [route.key.mode] : [])));

describe('slipway simulate', () => {
  it('sends test mode in every dialect, so that nobody is chased, unless it is told to be live', async () => {
    const quiet = await Edge.open();
    const { code, text } = await run(quiet, false);
    expect(code).toBe(0);
    expect(text).toContain('nobody is chased');
    expect(modes(quiet)).toEqual(new Set(['test']));

    const loud = await Edge.open();
    await run(loud, true);
    expect(modes(loud)).toEqual(new Set(['live']));
  });

  it('gives a Slipway in real time the history of the past days: nothing lies ahead of its clock', async () => {
    const edge = await Edge.open();
    const before = Date.now();

    await run(edge, false);

    const instants = edge.inbox.arrivals.flatMap(({ occurredAt }) => (occurredAt === null ? [] : [occurredAt]));
    expect(Math.min(...instants)).toBeLessThan(before - 25 * DAY_MS);
    expect(Math.max(...instants)).toBeLessThanOrEqual(Date.now());
  });

  it('ends with 1 and says what went wrong where events are not acknowledged', async () => {
    const edge = await Edge.open();
    edge.now = () => Date.now() + 3_600_000;

    const { code, text } = await run(edge, false);

    expect(code).toBe(1);
    expect(text).toContain('401 stale_timestamp');
  });
});
