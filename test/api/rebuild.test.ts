import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Served, serve } from './served.js';
import { anEvent, anOnboarding, LOOK } from './views.js';
import { World } from './world.js';

let world: World;
let api: Served;

beforeAll(async () => {
  world = new World();
  world.add(anOnboarding('onb_1'));
  api = await serve(world.deps());
});
afterAll(() => api.close());

const PATH = '/api/v1/onboardings/onb_1/rebuild';
const asked = { by: 'mia', reason: 'its level is wrong' };
const entered = async () => (await api.get('/api/v1/audit?limit=1')).json.data[0];

describe('a rebuild of one onboarding', () => {
  it('is shown field by field, with the word that confirms it, and nothing is done', async () => {
    const { status, json } = await api.post(PATH, asked);

    expect(status).toBe(200);
    expect(json).toMatchObject({
      onboarding_id: 'onb_1',
      done: false,
      workflow: 'running',
      differences: [{ field: 'escalations[esc_1].level', present: '3', rebuilt: '1' }],
      differences_in_all: 1,
      confirm: LOOK.confirm,
      missing: 0,
    });
    expect(await entered()).toMatchObject({ action: 'onboarding.rebuild', after: { shown: 1 } });
  });

  it('is done with that word, and the audit log says by whom, why, and between which states', async () => {
    const { status, json } = await api.post(PATH, { ...asked, confirm: LOOK.confirm });

    expect([status, json.done]).toEqual([200, true]);
    expect(await entered()).toMatchObject({
      actor: 'local for mia',
      action: 'onboarding.rebuild',
      subject: 'onb_1',
      before: { workflow: 'running', state: LOOK.presentDigest },
      after: { state: LOOK.rebuiltDigest },
      reason: 'its level is wrong',
    });
  });

  it('is refused with another word: something has happened since', async () => {
    const { status, json } = await api.post(PATH, { ...asked, confirm: 'ffffffffffffffff' });

    expect([status, json.error.code]).toEqual([409, 'RebuildOutdated']);
  });

  it('finds one that has no row by its events, and refuses one that nobody spoke of', async () => {
    expect((await api.post('/api/v1/onboardings/onb_2/rebuild', asked)).status).toBe(404);
    world.archive.push(anEvent(1, 'onb_2'));
    expect((await api.post('/api/v1/onboardings/onb_2/rebuild', asked)).status).toBe(200);
  });
});

describe('a rebuild of the read model', () => {
  it('is started, entered, and tells how far it has come', async () => {
    const { status, json } = await api.post('/api/v1/rebuild', { by: 'mia' });

    expect(status).toBe(200);
    expect(world.told).toContain('rebuild');
    expect(json).toEqual((await api.get('/api/v1/rebuild')).json);
    expect(json).toMatchObject({ state: 'running', rebuilt: 12, unanswered: 1, workflow_id: 'rebuild/read-model' });
    expect(await entered()).toMatchObject({ action: 'lists.rebuild', subject: 'lists' });
  });
});
