import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../api/served.js';
import { anEscalation, anOnboarding, keyOf } from '../api/views.js';
import { World } from '../api/world.js';
import { slipway } from './console.js';

const ONE = anEscalation('onb_1', 1);

let world: World;
let api: Served;
const run = (...words: string[]) => slipway(api.url, words);
beforeEach(async () => {
  world = new World();
  world.add(anOnboarding('onb_1', { escalations: [ONE] }));
  api = await serve(world.deps());
});
afterEach(() => api.close());

describe('hold, release and close', () => {
  it('say what is asked and what comes next', async () => {
    const held = await run(
      'hold',
      'onb_1',
      '--by',
      'mia',
      '--state',
      'waiting',
      '--reason',
      'on the customer',
      '--until',
      '2026-12-01T09:00Z',
    );
    const released = await run('release', 'onb_1', '--by', 'mia');
    const closed = await run(
      'close',
      'onb_1',
      '--by',
      'mia',
      '--reason',
      'deleted',
      '--mode',
      'live',
      '--workspace',
      'main',
    );

    expect([held.out, released.out, closed.out]).toEqual([
      'onb_1 is waiting until 2026-12-01 09:00 UTC: next, 2026-11-24 10:00 UTC, Stuck in uat: level 2 due.\n',
      'onb_1 is released: next, 2026-11-24 10:00 UTC, Stuck in uat: level 2 due.\n',
      'onb_1 is closed; every escalation of it is resolved.\n',
    ]);
    expect(world.asked).toMatchObject([
      {
        key: keyOf('onb_1'),
        action: { verb: 'hold', state: 'waiting', reason: 'on the customer', until: Date.parse('2026-12-01T09:00Z') },
      },
      { action: { verb: 'release' } },
      { action: { verb: 'close', reason: 'deleted' } },
    ]);
  });

  it('want a reason and a state that there is, and end with 4 for nobody', async () => {
    expect((await run('hold', 'onb_1', '--by', 'mia', '--state', 'sleepy', '--reason', 'x')).exit).toBe(2);
    expect((await run('close', 'onb_1', '--by', 'mia')).exit).toBe(2);
    expect((await run('release', 'nobody', '--by', 'mia')).exit).toBe(4);
    expect(world.asked).toEqual([]);
  });
});

describe('reassign, escalate and note', () => {
  it('act on the escalation that is meant', async () => {
    world.answer = (_key, action) => ({
      ...ONE,
      level: 2,
      assigned_to: 'tom',
      notes: action.verb === 'note' ? [{ by: 'mia', at: ONE.opened_at, text: action.note }] : [],
    });

    const outs = [
      await run('reassign', 'onb_1', '--by', 'mia', '--to', 'tom'),
      await run('escalate', ONE.id, '--by', 'mia'),
      await run('note', 'onb_1', '--by', 'mia', '--text', 'called them'),
    ];

    expect(outs.map(({ out }) => out)).toEqual([
      `${ONE.id} is with tom now, from level 1.\n`,
      `${ONE.id} is at level 2.\n`,
      `${ONE.id} has a note.\n`,
    ]);
    expect(world.asked.map(({ action }) => action)).toMatchObject([
      { verb: 'reassign', to: { id: 'tom' } },
      { verb: 'escalate' },
      { verb: 'note', note: 'called them' },
    ]);
  });

  it('refuse somebody who cannot be reached', async () => {
    const { exit, err } = await run('reassign', 'onb_1', '--by', 'mia', '--to', 'nobody');

    expect([exit, err]).toEqual([1, expect.stringContaining('one of mia, tom')]);
  });
});
