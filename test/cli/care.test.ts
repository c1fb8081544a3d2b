import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../api/served.js';
import { NOW } from '../api/views.js';
import { World } from '../api/world.js';
import { slipway } from './console.js';

let world: World;
let api: Served;
const run = (...words: string[]) => slipway(api.url, words);
beforeEach(async () => {
  world = new World();
  api = await serve(world.deps());
});
afterEach(() => api.close());

const WHOM = ['erase', '--email', 'lead@acme.example', '--by', 'mia', '--reason', 'asked by letter'];

describe('slipway erase', () => {
  it('begins only where it is told --yes, or a person types yes', async () => {
    const answers = ['no', '', 'YES '];
    const questions: string[] = [];
    const ask = async (question: string) => (questions.push(question), answers.shift() ?? '');

    const unasked = await run(...WHOM);
    expect([unasked.exit, unasked.err]).toEqual([2, expect.stringContaining('add --yes')]);
    for (let n = 0; n < 2; n += 1)
      expect(await slipway(api.url, WHOM, { ask })).toEqual({ exit: 1, out: '', err: 'Nothing was done.\n' });
    expect(world.erasures).toEqual([]);

    const { exit, out } = await slipway(api.url, WHOM, { ask });
    expect([exit, out]).toEqual([0, 'Erasure era_1 has begun; `slipway erasures era_1` tells how far it is.\n']);
    expect(questions[0]).toMatch(/^lead@acme.example is erased for good; .* Type yes to go on: $/);
    expect((await run(...WHOM, '--yes')).exit).toBe(0);
    expect(world.erasures).toMatchObject([
      { kind: 'contact' },
      { kind: 'contact', by: 'mia', reason: 'asked by letter' },
    ]);
  });

  it('wants one whom, and takes customers and contacts too', async () => {
    const rest = ['--by', 'mia', '--reason', 'r', '--yes'];

    expect((await run('erase', ...rest)).exit).toBe(2);
    expect((await run('erase', '--customer', 'c', '--contact', 'd', ...rest)).exit).toBe(2);
    await run('erase', '--customer', 'cus_1', ...rest);
    await run('erase', '--contact', 'con_1', ...rest);
    expect(world.erasures).toMatchObject([{ customerId: 'cus_1' }, { contactId: 'con_1' }]);
  });

  it('tells how far each is and what remains', async () => {
    await run(...WHOM, '--yes');
    const [one] = world.erasures;
    if (one)
      world.erasures[0] = {
        ...one,
        state: 'waiting',
        erased: { archive: 4 },
        workflows: [{ workflowId: 'onboarding/main/onb_1', state: 'open' }],
      };

    expect((await run('erasures')).out).toMatch(/era_1 +contact +waiting +2026-11-23 10:00 +mia +asked by letter\n$/);
    const { out } = await run('erasures', 'era_1');
    for (const text of ['archive 4', 'onboarding/main/onb_1: open', 'until the onboardings have closed'])
      expect(out).toContain(text);
    expect((await run('erasures', 'nobody')).exit).toBe(4);
    world.erasures.length = 0;
    expect((await run('erasures')).out).toBe('Nobody was erased.\n');
  });
});

describe('slipway retention', () => {
  it('tells of the last run and the next one', async () => {
    expect((await run('retention')).out).toBe('Last run  never\nNext run  2026-11-24 10:00 UTC\n');
    world.audited.push({
      at: NOW,
      actor: 'slipway',
      action: 'retention.run',
      subject: 'retention',
      before: null,
      after: { events: 7 },
      reason: null,
    });

    expect((await run('retention')).out).toBe(
      'Last run  2026-11-23 10:00 UTC\nDeleted   events 7\nNext run  2026-11-24 10:00 UTC\n',
    );
  });

  it('runs it now, in the name of somebody', async () => {
    expect((await run('retention', 'run')).exit).toBe(2);
    expect(await run('retention', 'run', '--by', 'mia', '--json')).toMatchObject({
      exit: 0,
      out: '{\n  "triggered": true\n}\n',
    });
    expect(world.cared).toEqual(['retention']);
  });
});
