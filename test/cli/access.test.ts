import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../api/served.js';
import { iso, NOW } from '../api/views.js';
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

describe('slipway tokens', () => {
  it('makes one, shows it once, and lists it without it', async () => {
    const { exit, out } = await run('tokens', 'create', 'desk', '--role', 'operator', '--expires', '2099-12-31T00:00Z');

    expect([exit, out]).toEqual([
      0,
      'desk may ask as operator until 2099-12-31 00:00 UTC. Its token, shown this once:\n\n  slp_desk\n\n',
    ]);
    const listed = await slipway(api.url, ['tokens', 'list'], { columns: 80 });
    expect(listed.out).toMatch(
      /^ID +NAME +ROLE +STATE +LAST USED \(UTC\) +CREATED.*\ntok_1 +desk +operator +until 2099-12-31 +- /,
    );
    expect(listed.out).not.toContain('slp_desk');
    for (const line of listed.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('revokes one by its name', async () => {
    world.token('old', 'admin');

    const { out } = await run('tokens', 'revoke', 'old', '--reason', 'left');

    expect(out).toBe('old lets nobody in any more, since 2026-11-23 10:00 UTC.\n');
    expect((await run('tokens', 'list')).out).toMatch(/tok_1 +old +admin +revoked 2026-11-23/);
    expect((await run('tokens', 'revoke', 'nobody')).exit).toBe(4);
  });

  it('says no in the words of the console', async () => {
    world.token('desk', 'viewer');

    expect(await run('tokens', 'create', 'desk', '--role', 'viewer')).toMatchObject({ exit: 1, out: '' });
    expect((await run('tokens', 'create', 'desk', '--role', 'king')).exit).toBe(2);
    expect((await run('tokens', 'create', 'new')).exit).toBe(2);
  });

  it('says so where there is none', async () => {
    expect((await run('tokens', 'list')).out).toBe('There is no named token.\n');
    expect(JSON.parse((await run('tokens', 'list', '--json')).out)).toEqual({ data: [], next_cursor: null });
  });
});

describe('slipway audit', () => {
  it('lists who changed what, from what to what, and why', async () => {
    world.audited.push({
      at: NOW,
      actor: 'token:desk for mia',
      action: 'escalation.acknowledge',
      subject: 'esc_1',
      before: { status: 'open', level: 1, by: null },
      after: { status: 'acknowledged', level: 1, by: 'mia' },
      reason: 'On it',
    });

    const { exit, out } = await run('audit');

    expect(exit).toBe(0);
    expect(out.split('\n')[1]).toBe(
      '2026-11-23 10:00  token:desk for mia  escalation.acknowledge  esc_1    status open -> acknowledged, by mia  On it',
    );
    const narrow = await slipway(api.url, ['audit'], { columns: 80 });
    for (const line of narrow.out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('asks for what its options say', async () => {
    const entry = { actor: 'local', action: 'token.create', subject: 'tok_1', before: null, after: null, reason: null };
    world.audited.push({ ...entry, at: NOW }, { ...entry, at: NOW - 1, actor: 'slipway' }, { ...entry, at: NOW - 9e9 });
    const words = [
      '--actor',
      'local',
      '--action',
      'token.create',
      '--subject',
      'tok_1',
      '--since',
      iso(NOW - 1000),
      '--limit',
      '9',
    ];

    expect(JSON.parse((await run('audit', ...words, '--json')).out).data).toMatchObject([{ at: iso(NOW) }]);
    expect((await run('audit', '--actor', 'nobody')).out).toBe('Nothing was changed.\n');
    expect((await run('audit', '--since', 'then')).exit).toBe(2);
  });
});
