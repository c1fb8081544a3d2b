import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../api/served.js';
import { anEscalation, anOnboarding, DAY, iso, NOW } from '../api/views.js';
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

describe('slipway escalation', () => {
  const send = ONE.sends[0]!;

  it('shows every message with whom it went to, by what, when, and what went wrong', async () => {
    world.rows.length = 0;
    const failing = {
      ...send,
      recipient: 'tom',
      channel: 'hook',
      level: 2,
      fallback: true,
      at: null,
      status: 'waiting',
      tries: 3,
      error: 'Refused: 503',
    } as const;
    world.add(anOnboarding('onb_1', { escalations: [anEscalation('onb_1', 1, { sends: [send, failing] })] }));

    const { exit, out, err } = await run('escalation', 'onb_1');

    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^MESSAGE +TO +BY +STATUS +ARRIVED +DUE +TRIES +ERROR$/m);
    expect(out).toMatch(/^level 1 +mia +log +sent +2026-11-22 10:00 +2026-11-22 10:00 +1 +-$/m);
    expect(out).toMatch(/^level 2, fallback +tom +hook +waiting +- +2026-11-22 10:00 +3 +Refused: 503$/m);
  });

  it('says why it was opened, who has it until when, and what people noted', async () => {
    world.rows.length = 0;
    const acknowledged = { by: 'tom', at: iso(NOW), expires_at: iso(NOW + DAY) };
    const notes = [{ by: 'mia', at: iso(NOW), text: 'called\u001b[2J them' }];
    const more = {
      status: 'acknowledged',
      acknowledged,
      notes,
      evidence: ['uat since Monday'],
      assigned_to: 'tom',
    } as const;
    world.add(anOnboarding('onb_1', { escalations: [anEscalation('onb_1', 1, more)] }));

    const { out } = await run('escalation', ONE.id);

    for (const text of [
      'Reason        In uat for more than 5 working days',
      'Evidence      uat since Monday',
      'Acknowledged  by tom 2026-11-23 10:00, until 2026-11-24 10:00',
      'Assigned to   tom',
      '2026-11-23 10:00  mia: called?[2J them',
    ])
      expect(out).toContain(text);
  });

  it('shows one that is past by its id, and is 4 where there is none', async () => {
    world.rows.length = 0;
    const resolved = { by: null, at: iso(NOW), reason: 'it moved on' };
    world.add(
      anOnboarding('onb_1', { escalations: [anEscalation('onb_1', 1, { status: 'resolved', resolved, sends: [] })] }),
    );

    const { out } = await run('escalation', ONE.id);

    expect(out).toContain('Resolved    by itself 2026-11-23 10:00: it moved on');
    expect(out).toContain('No message of it has fallen due.');
    expect((await run('escalation', 'esc_none')).exit).toBe(4);
  });

  it("prints the console's own JSON with --json", async () => {
    const { out } = await run('escalation', 'onb_1', '--json');

    expect(JSON.parse(out)).toEqual((await api.get(`/api/v1/escalations/${ONE.id}`)).json);
  });
});
