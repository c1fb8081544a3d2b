import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../api/served.js';
import { anEvent, anOnboarding, iso, keyOf, NOW } from '../api/views.js';
import { World } from '../api/world.js';
import { slipway } from './console.js';

let world: World;
let api: Served;
const run = (...words: string[]) => slipway(api.url, words);
beforeEach(async () => {
  world = new World();
  world.add(anOnboarding('onb_1'));
  world.archive.push(anEvent(1, 'onb_1', { duplicates: 2 }));
  world.archive.push(anEvent(2, 'x', { route: null, status: 'unrouted', quarantined: 'not_json', type: null }));
  api = await serve(world.deps());
});
afterEach(() => api.close());

describe('slipway events', () => {
  it('lists a line each: what came, about what, and what became of it', async () => {
    const { exit, out, err } = await run('events');

    expect([exit, err]).toEqual([0, '']);
    const [header, one, two] = out.split('\n');
    expect(header).toMatch(/^SEQ +RECEIVED \(UTC\) +TYPE +ABOUT +STATUS +WHAT IT SAYS$/);
    expect(one).toMatch(
      /^1 +2026-11-19 07:00 +onboarding.phase_changed +onb_1 +signalled x3 +Moved from integration to uat$/,
    );
    expect(two).toMatch(/^2 +2026-11-19 08:00 +- +- +not_json +-$/);
  });

  it('tells test events from live ones once there is one', async () => {
    const test = anEvent(3, 'onb_1', {
      route: { ...anEvent(3, 'onb_1').route!, key: keyOf('onb_1', { mode: 'test' }) },
    });
    world.archive.push(test);

    const [header, ...rows] = (await run('events')).out.trimEnd().split('\n');

    expect(header).toMatch(/^SEQ +MODE +RECEIVED/);
    expect(rows.map((row) => row.split(/ +/)[1])).toEqual(['live', '-', 'test']);
  });

  it('asks for what its options say', async () => {
    await run(
      'events',
      '--type',
      't',
      '--source',
      's',
      '--status',
      'late',
      '--onboarding',
      'onb_1',
      '--mode',
      'live',
      '--workspace',
      'main',
      '--limit',
      '9',
      '--cursor',
      'c',
    );

    expect(world.filters.events).toEqual({
      type: 't',
      source: 's',
      status: 'late',
      workflowId: 'onboarding/main/onb_1',
      limit: 9,
      cursor: 'c',
    });
    await run('events', '--customer', 'cus_1');
    expect(world.filters.events).toEqual({ workflowId: 'customer/main/cus_1', limit: 50 });
    expect((await run('events', '--onboarding', 'a', '--customer', 'b')).exit).toBe(1);
  });

  it('says so where there is none, and fits the terminal', async () => {
    for (const line of (await slipway(api.url, ['events'], { columns: 80 })).out.split('\n'))
      expect(line.length).toBeLessThanOrEqual(80);
    world.archive.length = 0;

    expect((await run('events')).out).toBe('No event is like that.\n');
  });
});

describe('slipway event', () => {
  it('shows what it says, what became of it, its headers and its body', async () => {
    const { exit, out } = await run('event', 'evt_1');

    expect(exit).toBe(0);
    for (const text of [
      'evt_1 (1)',
      'Moved from integration to uat',
      'came again 2 times',
      'onboarding/main/onb_1',
      'the secret first',
      'svix-id',
      '    "name": "Zoë"',
    ])
      expect(out).toContain(text);
  });

  it('prints the exact body alone with --body, and all of it with --json', async () => {
    expect((await run('event', '1', '--body')).out).toBe('{"id":"evt_1","name":"Zoë"}');
    expect(JSON.parse((await run('event', '1', '--json')).out)).toEqual((await api.get('/api/v1/events/1')).json);
  });

  it('lets no body steer the terminal', async () => {
    world.archive.push(anEvent(3, 'onb_1', { body: Buffer.from('{"a":"\u001b[2J"}\u001b[2J') }));

    expect((await run('event', '3')).out).not.toContain('\u001b');
    expect((await slipway(api.url, ['event', '3', '--body'], { columns: 80 })).out).not.toContain('\u001b');
    expect((await run('event', '3', '--body')).out).toContain('\u001b');
  });

  it('ends with 4 where nobody knows it', async () => {
    expect((await run('event', 'nobody')).exit).toBe(4);
  });
});

describe('slipway redeliver', () => {
  it('hands each on, and says of each that it did', async () => {
    world.archive.push(anEvent(3, 'onb_1'));

    const { exit, out } = await run('redeliver', '1', 'evt_3');

    expect([exit, out]).toEqual([
      0,
      '1 is on its way to its workflow again.\nevt_3 is on its way to its workflow again.\n',
    ]);
    expect(world.redelivered).toEqual(['1', '3']);
  });

  it('goes on after one that cannot be, and says which', async () => {
    const { exit, out, err } = await run('redeliver', 'nobody', '2', '1');

    expect([exit, out]).toEqual([4, '1 is on its way to its workflow again.\n']);
    expect(err).toMatch(/^2 of 3 events went nowhere\. .*"nobody".*concerns no workflow/);
    const json = JSON.parse((await run('redeliver', 'nobody', '1', '--json')).out);
    expect(json.data).toEqual([
      { id: 'nobody', redelivered: false, error: expect.any(String) },
      { id: '1', redelivered: true },
    ]);
  });
});

describe('slipway rejections', () => {
  it('lists what was turned away and why', async () => {
    world.turnedAway.push({
      seq: '7',
      source: 'pivotal',
      reason: 'stale_timestamp',
      message: 'Signed 400 s ago.',
      at: NOW,
      deliveryId: 'msg_1',
      remote: '10.0.0.1',
      bytes: 12,
    });

    const { exit, out } = await run('rejections', '--reason', 'stale_timestamp');

    expect(exit).toBe(0);
    expect(out.split('\n')[1]).toMatch(
      /^2026-11-23 10:00 +pivotal +stale_timestamp +10.0.0.1 +msg_1 +12 +Signed 400 s ago\.$/,
    );
    expect(JSON.parse((await run('rejections', '--json')).out).data[0].rejected_at).toBe(iso(NOW));
  });

  it('says so where nothing was', async () => {
    expect((await run('rejections')).out).toBe('Nothing was turned away.\n');
    expect((await run('rejections', '--reason', 'mood')).exit).toBe(2);
  });
});
