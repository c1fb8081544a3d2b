import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Served, serve } from '../api/served.js';
import { NOW } from '../api/views.js';
import { World } from '../api/world.js';
import { slipway } from './console.js';

const dir = mkdtempSync(path.join(tmpdir(), 'slipway-cli-'));
const fileOf = (value: unknown): string => {
  const file = path.join(dir, 'payload.json');
  writeFileSync(file, JSON.stringify(value));
  return file;
};
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let world: World;
let api: Served;
const run = (...words: string[]) => slipway(api.url, words);
const made = () => world.webhooks.made.find(({ uid }) => uid === 'desk');

beforeEach(async () => {
  world = new World();
  const type = { groupName: null, archived: false, deprecated: false };
  const example = { id: 'evt_example', data: { object: { id: 'esc_1' } } };
  await world.webhooks.eventTypes.publish([
    {
      ...type,
      name: 'escalation.opened',
      description: 'The first message of it has left.',
      schemas: { '1': { type: 'object' }, '2': { type: 'object', required: ['id'], examples: [example] } },
    },
    { ...type, name: 'build.done', description: 'Somebody built something.', schemas: null, deprecated: true },
  ]);
  api = await serve(world.deps());
  const { exit, err } = await run('endpoint', 'create', 'https://desk.example/hook', '--uid', 'desk');
  expect([exit, err]).toEqual([0, '']);
});
afterEach(() => api.close());

describe('slipway endpoint create', () => {
  it('shows the secret with what to do next, and makes what its options say', async () => {
    const settings = ['--types', 'escalation.opened, build.*', '--rate', '5', '--ordered', '--description', 'second'];
    const headers = ['--header', 'X-Team: ops', '--header', 'X-B: a: b'];
    const { exit, out } = await run(
      'endpoint',
      'create',
      'https://b.example/hook',
      ...settings,
      ...headers,
      '--disabled',
    );

    expect(exit).toBe(0);
    const [endpoint] = world.webhooks.made.slice(-1);
    expect(endpoint).toMatchObject({
      application: 'app_slipway',
      filterTypes: ['escalation.opened', 'build.*'],
      rateLimit: 5,
      ordered: true,
      description: 'second',
      headers: { 'X-Team': 'ops', 'X-B': 'a: b' },
      disabled: 'operator',
    });
    expect(out).toContain(`${endpoint?.id} gets escalation.opened, build.* at https://b.example/hook.\n`);
    expect(out).toContain(`shown this once:\n\n  ${world.webhooks.secrets.get(endpoint?.id ?? '')}\n`);
    expect(out).toContain(`slipway endpoint test ${endpoint?.id} --type escalation.opened\n`);
  });

  it('makes those of test mode where that is asked for, and says so in what to type next', async () => {
    const { out } = await run('endpoint', 'create', 'https://b.example/hook', '--app', 'slipway-test');

    expect(world.webhooks.made.at(-1)?.application).toBe('app_slipway_test');
    expect(out).toContain('--type webhook.ping --app slipway-test\n');
  });

  it('tells with --json what a program needs, the secret included', async () => {
    const { out } = await run('endpoint', 'create', 'https://b.example/hook', '--json');

    expect(JSON.parse(out)).toMatchObject({ url: 'https://b.example/hook', secret: expect.stringMatching(/^whsec_/) });
  });

  it('says in a sentence why an address or a type is refused', async () => {
    const address = await run('endpoint', 'create', 'https://private.example/');
    expect([address.exit, address.out]).toEqual([1, '']);
    expect(address.err).toBe('url: That address is private: take a public one.\n');

    const type = await run('endpoint', 'create', 'https://b.example/', '--types', 'nobody.knows');
    expect(type.err).toContain('nobody.knows');
    expect((await run('endpoint', 'create', 'https://b.example/', '--header', 'no colon')).exit).toBe(2);
    expect((await run('endpoint', 'create', 'https://b.example/', '--rate', '0')).exit).toBe(2);
  });
});

describe('slipway endpoint list and show', () => {
  it('tell all of an endpoint but its secret and the values of its headers', async () => {
    await run('endpoint', 'change', 'desk', '--header', 'X-Key: sesame', '--header', 'Authorization: Bearer open');
    const list = await run('endpoint', 'list');
    const show = await run('endpoint', 'show', 'desk');

    expect(list.out).toMatch(/^ep_\d+ +https:\/\/desk\.example\/hook +enabled +every event type$/m);
    expect(show.out).toMatch(/^Headers +X-Key, Authorization$/m);
    expect(show.out).toMatch(/^Deliveries +1 delivered, 5 waiting, 4 failed$/m);
    expect(list.out + show.out).not.toMatch(/whsec_|sesame|open/);
  });

  it('walk from page to page', async () => {
    await run('endpoint', 'create', 'https://b.example/hook');
    const first = await run('endpoint', 'list', '--limit', '1');
    const cursor = /^More: --cursor (\S+)$/m.exec(first.out)?.[1] ?? '';
    const second = await run('endpoint', 'list', '--limit', '1', '--cursor', cursor);

    expect(first.out).toContain('https://b.example/hook');
    expect(second.out).toContain('https://desk.example/hook');
    expect(second.out).not.toContain('More:');
  });
});

describe('slipway endpoint change, enable, disable and delete', () => {
  it('change what is named, and nothing else', async () => {
    await run('endpoint', 'change', 'desk', '--types', 'build.done', '--rate', '9', '--ordered', '--header', 'X-A: 1');
    await run('endpoint', 'change', 'desk', '--to', 'https://new.example/', '--header', 'X-B: 2');
    expect(made()).toMatchObject({
      url: 'https://new.example/',
      filterTypes: ['build.done'],
      rateLimit: 9,
      ordered: true,
      headers: { 'X-A': '1', 'X-B': '2' },
    });

    const back = ['--types', 'all', '--rate', 'none', '--no-ordered', '--without-header', 'x-a'];
    expect((await run('endpoint', 'change', 'desk', ...back)).exit).toBe(0);
    expect(made()).toMatchObject({ filterTypes: null, rateLimit: null, ordered: false, headers: { 'X-B': '2' } });
  });

  it('stop deliveries, and let them go on', async () => {
    expect((await run('endpoint', 'disable', 'desk')).out).toContain('is disabled');
    expect(made()?.disabled).toBe('operator');
    expect((await run('endpoint', 'show', 'desk')).out).toMatch(/^State +disabled$/m);

    expect((await run('endpoint', 'enable', 'desk')).out).toContain('is enabled');
    expect(made()?.disabled).toBeNull();
  });

  it('delete only when that is meant', async () => {
    expect((await run('endpoint', 'delete', 'desk')).exit).toBe(2);
    expect((await slipway(api.url, ['endpoint', 'delete', 'desk'], { ask: async () => 'no' })).exit).toBe(1);
    expect(made()).toBeDefined();

    expect((await run('endpoint', 'delete', 'desk', '--yes')).exit).toBe(0);
    expect(made()).toBeUndefined();
    expect((await run('endpoint', 'delete', 'desk', '--yes')).exit).toBe(4);
  });

  it.each([
    [['endpoint', 'delete', '..', '--app', 'acme', '--yes'], '/api/v1/app/acme/endpoint/.. would', '/api/v1/app/acme/'],
    [['endpoint', 'delete', 'desk', '--app', '..', '--yes'], '/api/v1/app/../endpoint/desk', '/api/v1/endpoint/desk'],
    [['endpoint', 'disable', '.', '--app', 'acme'], '/api/v1/app/acme/endpoint/. would', '/api/v1/app/acme/endpoint/'],
    [['message', 'show', '..', '--app', 'acme'], '/api/v1/app/acme/msg/.. would', '/api/v1/app/acme/'],
    [['release', '..', '--by', 'mia'], '/api/v1/onboardings/../release would', '/api/v1/release'],
  ])('never mean what stands above: %j', async (words, asked, read) => {
    await world.webhooks.applications.create({ uid: 'acme', name: 'Acme', rateLimit: null, metadata: {} });
    const before = [...world.webhooks.apps];

    const { exit, out, err } = await run(...words);

    expect([exit, out]).toEqual([2, '']);
    expect(err).toMatch(
      /^Nothing was asked, since \S+ would reach the console as \S+ and mean something else: .+\.\n$/,
    );
    expect(err).toContain(asked);
    expect(err).toContain(read);
    expect(world.webhooks.apps).toEqual(before);
  });
});

describe('slipway endpoint secret and rotate', () => {
  it('show the secret alone, and the new one with what holds of the old one', async () => {
    const before = (await run('endpoint', 'secret', 'desk')).out.trim();
    const { out } = await run('endpoint', 'rotate', 'desk');
    const after = (await run('endpoint', 'secret', 'desk')).out.trim();

    expect(before).toMatch(/^whsec_\S+$/);
    expect(after).not.toBe(before);
    expect(out).toContain(`  ${after}\n`);
    expect(out).toContain('24 hours');
  });
});

describe('slipway endpoint test', () => {
  const test = (...words: string[]) => run('endpoint', 'test', 'desk', ...words);

  it('sends the example of a type, or what a file says, to this endpoint alone', async () => {
    const { out } = await test('--type', 'escalation.opened');
    const [example] = world.webhooks.sent.slice(-1);
    await test('--type', 'escalation.opened', '--edit', fileOf({ id: 'evt_mine' }));
    const [edited] = world.webhooks.sent.slice(-1);

    expect(example).toMatchObject({ eventType: 'escalation.opened', onlyTo: made()?.id });
    expect(JSON.parse(example?.payload ?? '')).toMatchObject({ id: 'evt_example' });
    expect(JSON.parse(edited?.payload ?? '')).toEqual({ id: 'evt_mine' });
    expect(out).toContain(`slipway message show ${example?.id}`);
  });

  it('says what is wrong with a file or a type that has no example', async () => {
    const count = world.webhooks.sent.length;
    const list = await test('--type', 'escalation.opened', '--edit', fileOf([1]));
    const none = await test('--type', 'build.done');

    expect([list.exit, none.exit]).toEqual([2, 1]);
    expect(list.err).toContain('no JSON object');
    expect(none.err).toContain('no example');
    expect(world.webhooks.sent).toHaveLength(count);
  });
});

describe('slipway endpoint attempts', () => {
  beforeEach(() => {
    const attempt = {
      endpointId: made()?.id ?? '',
      eventType: 'escalation.opened',
      trigger: 'scheduled',
      url: 'https://desk.example/hook',
      requestHeaders: {},
      responseHeaders: {},
      address: null,
      at: NOW,
      ms: 12,
    } as const;
    world.webhooks.tried.push(
      {
        ...attempt,
        id: 'a1',
        messageId: 'm1',
        succeeded: false,
        status: 0,
        response: 'No answer.',
        nextAt: NOW + 5_000,
      },
      { ...attempt, id: 'a2', messageId: 'm2', succeeded: true, status: 204, response: '', nextAt: null },
      {
        ...attempt,
        id: 'a3',
        messageId: 'm3',
        succeeded: true,
        status: 200,
        response: 'ok',
        nextAt: null,
        trigger: 'manual',
      },
    );
  });

  it('lists what was answered and when the next try comes', async () => {
    const { out } = await run('endpoint', 'attempts', 'desk');

    expect(
      out
        .split('\n')
        .slice(1, 4)
        .map((line) => line.replace(/ {2,}/g, ' | ')),
    ).toEqual([
      '2026-11-23 10:00:00 | m3 | escalation.opened | 200 in 12 ms, asked for | ok | -',
      '2026-11-23 10:00:00 | m2 | escalation.opened | 204 in 12 ms | - | -',
      '2026-11-23 10:00:00 | m1 | escalation.opened | none in 12 ms | No answer. | 2026-11-23 10:00:05',
    ]);
  });

  it('asks for those that failed, or for those that did not', async () => {
    expect((await run('endpoint', 'attempts', 'desk', '--failed')).out).not.toMatch(/m2|m3/);
    expect((await run('endpoint', 'attempts', 'desk', '--delivered')).out).not.toContain('m1');
    expect((await run('endpoint', 'attempts', 'desk', '--type', 'build.done')).out).toBe('No attempt is like that.\n');
    expect((await run('endpoint', 'attempts', 'desk', '--failed', '--delivered')).exit).toBe(2);
  });
});

describe('slipway endpoint recover and replay', () => {
  it('ask for what failed, and for what was never given, since an instant that must be said', async () => {
    const recover = await run('endpoint', 'recover', 'desk', '--since', '2026-11-22T00:00Z');
    const replay = await run(
      'endpoint',
      'replay',
      'desk',
      '--since',
      '2026-11-22T00:00Z',
      '--until',
      '2026-11-23T00:00Z',
    );

    expect(world.webhooks.asked.map(({ what }) => what)).toEqual(['endpoint.recover', 'endpoint.replay']);
    expect([recover.out, replay.out]).toEqual([
      '2 that failed or waited: on the way to desk, beside what is new.\n',
      '2 that it never had: on the way to desk, beside what is new.\n',
    ]);
    expect((await run('endpoint', 'recover', 'desk')).exit).toBe(2);
  });
});

describe('slipway message', () => {
  it('sends, lists and shows what was sent, and where it went', async () => {
    const sent = await run('message', 'send', 'build.done', '--data', fileOf({ n: 1, text: 'Grüße' }), '--id', 'evt_9');
    const list = await run('message', 'list', '--type', 'build.done');
    const show = await run('message', 'show', 'evt_9');

    expect(sent.exit).toBe(0);
    expect(list.out).toMatch(/^msg_\d+ +2026-11-23 10:00 +build.done +evt_9$/m);
    expect(show.out).toContain('    "text": "Grüße"\n');
    expect(show.out).toContain('No endpoint wants it.');
    expect((await run('message', 'list', '--type', 'nobody.knows')).out).toBe('No message is like that.\n');
  });

  it('refuses a second message of one event, and ends with 4 for one that nobody sent', async () => {
    const send = () => run('message', 'send', 'build.done', '--data', fileOf({}), '--id', 'evt_9');
    await send();

    expect(await send()).toMatchObject({ exit: 1, err: expect.stringContaining('not sent again') });
    expect((await run('message', 'show', 'evt_none')).exit).toBe(4);
    expect((await run('message', 'list', '--app', 'nobody')).exit).toBe(4);
  });

  it('resends to the endpoint that is named', async () => {
    await run('message', 'send', 'build.done', '--data', fileOf({}), '--id', 'evt_9');
    const { out } = await run('message', 'resend', 'evt_9', 'desk');

    expect(out).toBe('evt_9 is on its way to desk once more.\n');
    expect(world.webhooks.asked).toEqual([{ what: 'resend', of: `${world.webhooks.sent.at(-1)?.id} ${made()?.id}` }]);
  });
});

describe('slipway event-types', () => {
  it('lists what can be told, and shows when one fires, its newest schema and its example', async () => {
    const list = await run('event-types');
    const show = await run('event-types', 'escalation.opened');

    expect(list.out).toMatch(/^build\.done +\(deprecated\) Somebody built something\.$/m);
    expect(show.out).toContain('The first message of it has left.');
    expect(show.out).toContain('Schema, version 2\n');
    expect(show.out.match(/evt_example/g)).toHaveLength(1);
    expect((await run('event-types', 'nobody.knows')).exit).toBe(4);
  });

  it('prints the example alone, as `endpoint test --edit` takes it', async () => {
    const { out } = await run('event-types', 'escalation.opened', '--example');
    expect(JSON.parse(out)).toMatchObject({ id: 'evt_example' });

    const edited = fileOf({ ...JSON.parse(out), edited: true });
    expect((await run('endpoint', 'test', 'desk', '--type', 'escalation.opened', '--edit', edited)).exit).toBe(0);
    expect((await run('event-types', 'build.done', '--example')).exit).toBe(1);
    expect((await run('event-types', '--example')).exit).toBe(2);
  });
});
