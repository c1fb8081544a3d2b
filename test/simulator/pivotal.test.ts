import { describe, expect, it } from 'vitest';
import { Agenda } from '../../src/simulator/agenda.js';
import { Pivotal } from '../../src/simulator/pivotal.js';
import { createScenario } from '../../src/simulator/scenario.js';
import { createSender } from '../../src/simulator/send.js';
import { Edge } from '../ingress/edge.js';

const SECRET = `whsec_${Buffer.from('now'.padEnd(24, '-')).toString('base64')}`;
const DAY_MS = 86_400_000;

/** Three days of one onboarding, played in a fraction of a second. */
async function play(edge: Edge, secret = SECRET) {
  const startAt = Date.parse('2026-11-02T06:00:00Z');
  const scenario = createScenario({ seed: 5, startAt, days: 30, onboardings: 3, tag: '' });
  const agenda = new Agenda();
  const taken: string[] = [];
  const pivotal = new Pivotal({
    scenario,
    sender: createSender({ url: `${edge.url}/webhooks/pivotal`, secret }),
    agenda,
    livemode: true,
    audience: { took: ({ id }) => void taken.push(id) },
  });
  const clock = { anchorReal: Date.now(), anchorVirtual: startAt, speed: (40 * DAY_MS) / 800 };
  await agenda.play(clock, scenario.endAt + DAY_MS, new AbortController().signal);
  return { scenario, tally: pivotal.tally, taken };
}

describe('the fake Pivotal', () => {
  it('has every event taken, every repeat known, and every forgery turned away by the real edge', async () => {
    const edge = await Edge.open();

    const { scenario, tally, taken } = await play(edge);

    const ids = scenario.steps.map(({ id }) => id).sort();
    expect(tally.failures).toEqual([]);
    expect(edge.inbox.arrivals.map(({ eventId }) => eventId).sort()).toEqual(ids);
    expect(taken.toSorted()).toEqual(ids);
    expect(tally.duplicates).toBe(scenario.steps.reduce((sum, { repeats }) => sum + repeats.length, 0));
    expect([tally.forged, tally.turnedAway]).toEqual([scenario.forgeries.length, scenario.forgeries.length]);
    expect(edge.rejections).toHaveLength(scenario.forgeries.length);
  });

  it('says which events were not acknowledged', async () => {
    const edge = await Edge.open();

    const { scenario, tally } = await play(edge, `whsec_${Buffer.from('other'.padEnd(24, '-')).toString('base64')}`);

    expect(tally.acknowledged).toBe(0);
    expect(tally.failures.length).toBeGreaterThanOrEqual(scenario.steps.length);
    expect(tally.failures[0]).toContain('401 no_matching_signature');
  });
});
