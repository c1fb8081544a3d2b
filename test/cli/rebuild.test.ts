import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiDeps } from '../../src/api/deps.js';
import { type RebuildLook, type RebuildProgress, RebuildRefusal } from '../../src/contracts/rebuild.js';
import { type Served, serve } from '../api/served.js';
import { anOnboarding } from '../api/views.js';
import { World } from '../api/world.js';
import { slipway } from './console.js';

const DIGEST = '0123456789abcdef';
const LOOK: RebuildLook = {
  workflow: 'running',
  differences: [
    { field: 'phase', present: 'uat', rebuilt: 'launch' },
    { field: 'owner', present: null, rebuilt: 'mia' },
    { field: 'target.latest', present: '2026-12-01', rebuilt: null },
  ],
  presentDigest: DIGEST,
  rebuiltDigest: DIGEST,
  confirm: DIGEST,
  unlogged: { events: 2, told: 0 },
  missing: 0,
  rebuilt: anOnboarding('onb_1'),
};

let look: RebuildLook;
let carriedOut: string[];
let progress: (RebuildProgress & { running: boolean }) | undefined;
let started: number;
let api: Served;
const run = (...words: string[]) => slipway(api.url, ['rebuild', ...words]);
const AS_MIA = ['--by', 'mia', '--reason', 'a bug in 0.1'];

beforeEach(async () => {
  look = LOOK;
  carriedOut = [];
  progress = undefined;
  started = 0;
  const world = new World();
  world.add(anOnboarding('onb_1'));
  const rebuild: ApiDeps['rebuild'] = {
    onboarding: {
      look: async () => look,
      carryOut: async (_key, { confirm }) => {
        if (confirm !== look.confirm) throw new RebuildRefusal('RebuildOutdated', 'Something has happened since.');
        carriedOut.push(confirm);
        return look;
      },
    },
    start: async () => void (started += 1),
    progress: async () => progress,
  };
  api = await serve(world.deps({ rebuild }));
});
afterEach(() => api.close());

describe('slipway rebuild of one onboarding', () => {
  it('shows what would change, and does nothing before somebody says yes', async () => {
    const questions: string[] = [];
    const said = async (answer: string) =>
      slipway(api.url, ['rebuild', 'onb_1', ...AS_MIA], {
        ask: async (question) => (questions.push(question), answer),
      });

    const no = await said('no');
    expect([no.exit, no.err, carriedOut]).toEqual([1, 'Nothing was done.\n', []]);
    expect(no.out).toBe(
      [
        'onb_1 runs. Made anew, 3 things would change:',
        '~ phase: uat -> launch',
        '+ owner: mia',
        '- target.latest: 2026-12-01',
        '2 facts that no log has yet would go in too.',
        '',
      ].join('\n'),
    );
    const yes = await said('yes');
    expect([yes.exit, carriedOut]).toEqual([0, [DIGEST]]);
    expect(yes.out).toContain('onb_1 was made anew and goes on as onboarding/main/onb_1.\n');
    expect(questions[0]).toContain(`--confirm ${DIGEST}`);
  });

  it('wants --yes or --confirm where nobody sits at a terminal', async () => {
    expect(await run('onb_1', ...AS_MIA)).toMatchObject({ exit: 2, err: expect.stringContaining('add --yes') });
    expect(carriedOut).toEqual([]);
    expect((await run('onb_1', ...AS_MIA, '--yes')).exit).toBe(0);
    expect((await run('onb_1', ...AS_MIA, '--confirm', DIGEST)).out).toBe(
      'onb_1 was made anew and goes on as onboarding/main/onb_1.\n',
    );
    expect(carriedOut).toEqual([DIGEST, DIGEST]);
    expect((await run('onb_1', ...AS_MIA, '--confirm', 'f'.repeat(16))).exit).toBe(1);
    expect((await run('onb_1')).exit).toBe(2);
    expect((await run('nobody', ...AS_MIA)).exit).toBe(4);
  });

  it('shows it to programs with --json, and does it with --yes beside', async () => {
    expect(JSON.parse((await run('onb_1', ...AS_MIA, '--json')).out)).toMatchObject({ done: false, confirm: DIGEST });
    expect(carriedOut).toEqual([]);
    expect(JSON.parse((await run('onb_1', ...AS_MIA, '--json', '--yes')).out)).toMatchObject({ done: true });
  });

  it('asks nobody where nothing differs, and refuses where the archive is not whole', async () => {
    look = { ...LOOK, differences: [], unlogged: { events: 0, told: 0 } };
    expect(await run('onb_1', ...AS_MIA)).toEqual({
      exit: 0,
      out: 'onb_1 runs. Made anew it would be the same.\n',
      err: '',
    });

    look = { ...LOOK, workflow: 'stuck', presentDigest: null, differences: [], missing: 2 };
    const { exit, out, err } = await run('onb_1', ...AS_MIA, '--yes');
    expect([exit, out, err]).toEqual([
      1,
      expect.stringContaining('does not answer'),
      expect.stringContaining('2 events'),
    ]);
    expect(carriedOut).toEqual([]);
  });
});

describe('slipway rebuild of the lists', () => {
  it('begins in the name of somebody, and tells how far it is', async () => {
    expect((await run()).out).toContain('never made anew');
    expect(started).toBe(0);

    progress = { running: true, rebuilt: 40, unanswered: 1, examples: ['onboarding/main/onb_9'] };
    expect((await run('--by', 'mia')).out).toMatch(
      /^The lists are being made anew: 40 onboardings written again so far, 1 from archive .*onb_9\. /,
    );
    expect(started).toBe(1);
    progress = { running: false, rebuilt: 41, unanswered: 0, examples: [] };
    expect((await run()).out).toBe('The lists were made anew: 41 onboardings written again.\n');
  });
});
