import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError, GatewayRefusal } from '../../src/contracts/gateway.js';
import { type Served, serve } from '../api/served.js';
import { anEscalation, anEvent, anOnboarding, DAY, iso, keyOf, NOW } from '../api/views.js';
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

describe('slipway onboardings', () => {
  it('lists a line each, for people', async () => {
    const { exit, out, err } = await run('onboardings');

    expect([exit, err]).toEqual([0, '']);
    const [header, row] = out.split('\n');
    expect(header).toMatch(/^ID +NAME +PHASE +HEALTH +OWNER +TARGET +ESCALATED +NEXT \(UTC\) +WHAT IS NEXT$/);
    expect(row).toMatch(
      /^onb_1 +Borealis onb_1 +uat +stuck +mia +2026-12-08 +1, level 1 +2026-11-24 10:00 +Stuck in uat: level 2 due$/,
    );
  });

  it("prints the console's own JSON with --json", async () => {
    const { out } = await run('onboardings', '--json');

    expect(JSON.parse(out)).toEqual((await api.get('/api/v1/onboardings')).json);
  });

  it('asks for what its options say', async () => {
    await run(
      'onboardings',
      '--health',
      'stuck',
      '--phase',
      'uat',
      '--state',
      'held',
      '--owner',
      'mia',
      '--escalated',
      '--customer',
      'cus_1',
      '--search',
      'bor',
      '--sort',
      '-target',
      '--limit',
      '9',
      '--mode',
      'live',
      '--workspace',
      'main',
      '--cursor',
      'c',
    );

    expect(world.filters.onboardings).toEqual({
      health: 'stuck',
      phase: 'uat',
      state: 'held',
      owner: 'mia',
      escalated: true,
      customer_id: 'cus_1',
      q: 'bor',
      sort: '-target',
      limit: 9,
      mode: 'live',
      workspace: 'main',
      cursor: 'c',
    });
  });

  it('asks for open or closed ones where told to, and for both otherwise', async () => {
    await run('onboardings', '--open');
    expect(world.filters.onboardings).toEqual({ closed: false, limit: 50 });
    await run('onboardings', '--closed');
    expect(world.filters.onboardings).toEqual({ closed: true, limit: 50 });
    await run('onboardings');
    expect(world.filters.onboardings).toEqual({ limit: 50 });
    expect((await run('onboardings', '--open', '--closed')).exit).toBe(2);
  });

  it('tells test from live, and closed from open, once there is something to tell apart', async () => {
    world.add(anOnboarding('onb_2', { closed: true }));
    world.add(anOnboarding('onb_3', { mode: 'test' }));

    const [header, first, closed, test] = (await run('onboardings')).out.split('\n');

    expect(header).toMatch(/^ID +MODE +NAME +PHASE +HEALTH +CLOSED +OWNER/);
    expect(first).toMatch(/^onb_1 +live .* stuck +- +mia/);
    expect(closed).toMatch(/^onb_2 +live .* stuck +closed +mia/);
    expect(test).toMatch(/^onb_3 +test /);
  });

  it('says so where nothing is like that', async () => {
    world.rows.length = 0;

    expect(await run('onboardings')).toEqual({ exit: 0, out: 'No onboarding is like that.\n', err: '' });
  });

  it('fits the terminal, and cuts no id', async () => {
    const { out } = await slipway(api.url, ['onboardings'], { columns: 110 });

    for (const line of out.trimEnd().split('\n')) expect(line.length).toBeLessThanOrEqual(110);
    expect(out).toContain('onb_1 ');
    expect(out).toContain('…');
  });
});

describe('slipway onboarding', () => {
  it('shows all that is known of one', async () => {
    const { exit, out } = await run('onboarding', 'onb_1');

    expect(exit).toBe(0);
    for (const text of [
      'Borealis onb_1 (onb_1, main, live)',
      'uat since 2026-11-15 10:00',
      '2026-12-08 (first promised 2026-12-01, moved 1 time)',
      ONE.id,
      '4 applied, 1 duplicate, 0 late',
    ]) {
      expect(out).toContain(text);
    }
  });

  it('tells its story with --timeline', async () => {
    world.archive.push(anEvent(1, 'onb_1'));
    world.log.push({ seq: 1, at: NOW, what: { kind: 'opened', escalation: ONE.id }, text: 'Stuck in uat opened.' });

    const { out } = await run('onboarding', 'onb_1', '--timeline');

    expect(out.split('\n').slice(1, 3)).toEqual([
      '2026-11-19 07:00  onboarding.phase_changed  Moved from integration to uat',
      '2026-11-23 10:00  opened                    Stuck in uat opened.',
    ]);
  });
});

describe('slipway escalations', () => {
  it('lists those nobody has closed unless told otherwise', async () => {
    const { out } = await run('escalations');

    expect(world.filters.escalations).toEqual({ status: 'unresolved', limit: 50 });
    expect(out).toMatch(new RegExp(`${ONE.id} +onb_1 +stuck_in_phase +normal +open +1 +2026-11-22 10:00 +In uat for`));
    await run('escalations', '--status', 'resolved', '--rule', 'at_risk', '--onboarding', 'onb_1');
    expect(world.filters.escalations).toEqual({
      status: 'resolved',
      rule: 'at_risk',
      onboarding_id: 'onb_1',
      limit: 50,
    });
  });
});

describe('slipway ack', () => {
  const taken = {
    ...ONE,
    status: 'acknowledged',
    acknowledged: { by: 'mia', at: iso(NOW), expires_at: iso(NOW + 3 * DAY) },
  } as const;
  beforeEach(() => {
    world.answer = () => taken;
  });

  it('takes an escalation on and says until when', async () => {
    const { exit, out } = await run('ack', ONE.id, '--by', 'mia', '--for', '3 days', '--all', '--note', 'On it');

    expect([exit, out]).toEqual([
      0,
      `${ONE.id} is acknowledged by mia until 2026-11-26 10:00 UTC; nothing more of it is sent until then.\n`,
    ]);
    expect(world.asked[0]?.action).toMatchObject({ verb: 'acknowledge', forMs: 3 * DAY, all: true, note: 'On it' });
  });

  it("names the onboarding's other open ones, which are still chased", async () => {
    const other = anEscalation('onb_1', 2, { reason: 'At risk since Monday.' });
    world.rows.length = 0;
    world.add(anOnboarding('onb_1', { escalations: [ONE, other] }));

    const { out } = await run('ack', ONE.id, '--by', 'mia');

    expect(out).toContain(`1 other; --all takes them too):\n  ${other.id}  At risk since Monday.\n`);
  });

  it.each([
    ['an onboarding with just one open', 'onb_1'],
    ['a beginning that no other open one shares', ONE.id.slice(0, -2)],
  ])('finds it by %s', async (_what, said) => {
    world.past.push(anEscalation('onb_2', 1, { status: 'resolved' }));

    const { exit } = await run('ack', said, '--by', 'mia');

    expect([exit, world.asked.map(({ action }) => 'escalationId' in action && action.escalationId)]).toEqual([
      0,
      [ONE.id],
    ]);
  });

  it('asks which one where it may be several, and acts on none', async () => {
    world.rows.length = 0;
    world.add(anOnboarding('onb_1', { escalations: [ONE, anEscalation('onb_1', 2)] }));

    for (const said of ['onb_1', 'esc_live']) {
      const { exit, err } = await run('ack', said, '--by', 'mia');
      expect([exit, world.asked]).toEqual([2, []]);
      expect(err).toContain(ONE.id);
    }
  });

  it('ends with 4 where nothing is called so, or has nothing open', async () => {
    world.add(anOnboarding('onb_calm'));

    for (const said of ['nobody', 'onb_calm', 'esc_live~main~nobody~1']) {
      const { exit, out, err } = await run('ack', said, '--by', 'mia');
      expect([exit, out]).toEqual([4, '']);
      expect(err).toContain('`slipway escalations` lists them');
    }
  });
});

describe('slipway snooze and resolve', () => {
  it.each([
    [['--until', 'next-working-morning'], { until: { at: Date.parse('2026-11-24T09:00Z') } }],
    [['--until', '2026-12-01T09:00+01:00'], { until: { at: Date.parse('2026-12-01T08:00Z') } }],
    [['--for', '2 working days'], { until: { forMs: 2 * DAY } }],
  ])('snooze %j', async (words, action) => {
    world.answer = () => ({ ...ONE, status: 'snoozed', snoozed_until: iso(NOW + DAY) });

    const { exit, out } = await run('snooze', ONE.id, '--by', 'mia', ...words);

    expect([exit, out]).toEqual([0, `${ONE.id} is snoozed until 2026-11-24 10:00 UTC.\n`]);
    expect(world.asked[0]?.action).toMatchObject({ verb: 'snooze', ...action });
  });

  it.each([[[]], [['--until', 'next-working-morning', '--for', '2 days']], [['--until', 'soon']]])(
    'refuses snooze %j as wrong usage',
    async (words: string[]) => {
      expect((await run('snooze', ONE.id, '--by', 'mia', ...words)).exit).toBe(2);
      expect(world.asked).toEqual([]);
    },
  );

  it('resolves with a note', async () => {
    const { exit, out } = await run('resolve', 'onb_1', '--by', 'mia', '--note', 'Done by phone');

    expect([exit, out]).toEqual([0, `${ONE.id} is resolved.\n`]);
    expect(world.asked).toMatchObject([{ key: keyOf('onb_1'), action: { verb: 'resolve', note: 'Done by phone' } }]);
  });
});

describe('slipway why', () => {
  it('reads as an explanation', async () => {
    const { exit, out } = await run('why', 'onb_1', '--at', '2026-11-20T09:00Z');

    expect(exit).toBe(0);
    expect(out).toBe(
      [
        'onb_1 at 2026-11-20 09:00 UTC; ! marks what holds',
        '',
        '! stuck_in_phase  In uat for more than 5 working days: open, level 1.',
        '  target_near     Not yet: target 2026-12-01 near on Tue 24 Nov 10:00 UTC if nothing changes. (due 2026-11-24 10:00)',
        '',
        'Next look: 2026-11-24 10:00, Stuck in uat: level 2 due.',
        '',
      ].join('\n'),
    );
  });
});

describe('the exit code', () => {
  it('is 1 where Slipway refuses, with its sentence and nothing else', async () => {
    world.answer = () => {
      throw new GatewayRefusal('EscalationNotOpen', 'It was resolved on Monday; nothing more of it is sent.');
    };

    expect(await run('ack', ONE.id, '--by', 'mia')).toEqual({
      exit: 1,
      out: '',
      err: 'It was resolved on Monday; nothing more of it is sent.\n',
    });
  });

  it.each([
    ['ack', ONE.id],
    ['why'],
    ['onboardings', '--health', 'unwell'],
    ['dance'],
    ['onboardings', '--nope'],
    ['why', 'onb_1', '--at', 'then'],
    ['onboardings', '--url', 'nonsense'],
  ])('is 2 for the wrong usage %s %s', async (...words: (string | undefined)[]) => {
    const { exit, out, err } = await run(...words.filter((word) => word !== undefined));

    expect([exit, out]).toEqual([2, '']);
    expect(err).not.toBe('');
  });

  it('is 3 where no console answers, and says how to start one', async () => {
    const { url } = api;
    await api.close();

    const { exit, err } = await slipway(url, ['onboardings']);

    expect(exit).toBe(3);
    expect(err).toBe(
      `No console answers at ${url}; start it with \`slipway start\`, or name the right one with --url.\n`,
    );
    api = await serve(world.deps());
  });

  it('is 3 where a server behind the console does not answer', async () => {
    await api.close();
    api = await serve(
      world.deps({ gateway: { ...world.deps().gateway, act: () => Promise.reject(new GatewayError('down')) } }),
    );

    expect((await run('resolve', ONE.id, '--by', 'mia')).exit).toBe(3);
  });

  it('is 3 where something else answers', async () => {
    const other: Server = createServer((_request, response) => response.end('<h1>It works!</h1>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));

    const { exit, err } = await slipway(`http://127.0.0.1:${(other.address() as AddressInfo).port}`, ['onboardings']);
    other.close();
    other.closeAllConnections();

    expect(exit).toBe(3);
    expect(err).toContain('no Slipway console');
  });

  it('is 4 where nobody knows the id', async () => {
    for (const verb of ['onboarding', 'why']) expect((await run(verb, 'nobody')).exit).toBe(4);
  });

  it('is documented, and 0 where help was asked for', async () => {
    const { exit, out } = await run('--help');

    expect(exit).toBe(0);
    expect(out).toContain('0 done, 1 refused or failed, 2 wrong usage, 3 not reachable, 4 not found');
    for (const verb of ['onboardings', 'onboarding', 'escalations', 'ack', 'snooze', 'resolve', 'why'])
      expect(out).toMatch(new RegExp(`^  ${verb} `, 'm'));
  });
});

describe('the token', () => {
  it('is sent, and named where it is missing', async () => {
    await api.close();
    api = await serve(world.deps({ token: 'the-token' }));

    const without = await run('onboardings');
    expect([without.exit, without.out]).toEqual([1, '']);
    expect(without.err).toContain('SLIPWAY_API_TOKEN');
    expect((await slipway(api.url, ['onboardings'], { token: 'the-token' })).exit).toBe(0);
  });
});

describe('what a sender wrote', () => {
  it('cannot steer the terminal', async () => {
    world.rows.length = 0;
    world.add(anOnboarding('onb_1', { name: 'Evil\u001b[2J\u0007\nonb_2 fine', owner: '\u202eaim' }));

    for (const words of [['onboardings'], ['onboarding', 'onb_1']]) {
      const { out } = await run(...words);
      expect(out).toContain('Evil?[2J? onb_2 fine');
      expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    }
  });
});
