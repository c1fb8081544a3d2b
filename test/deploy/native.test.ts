import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Secret, parseSecrets } from '../../src/signature/secret.js';
import { sign } from '../../src/signature/sign.js';
import { HookDouble } from '../faults/parts/hook-double.js';
import { keepablePorts } from '../faults/free-ports.js';
import { until } from '../start/slipway-process.js';
import { Composed } from './native/composed.js';

const HOOK_SECRET = `whsec_${Buffer.from('a secret of the receiver').toString('base64')}`;
/** A day in ten seconds: long enough to act in between, short enough to wait for a level. */
const SPEED = 8_640;

const policy = (hookUrl: string): string => `
workspace: { time_zone: UTC, calendar: always }
people:
  - { id: mia, name: Mia Park, emails: [mia@vendor.example], manager: tom, calendar: always, channels: [hook] }
  - { id: tom, name: Tom Reyes, emails: [tom@vendor.example], calendar: always, channels: [hook] }
channels:
  hook: { type: webhook, url: "${hookUrl}", secret_env: DEPLOY_HOOK_SECRET }
ladders:
  quick:
    - { after: 0 minutes, to: [owner] }
    - { after: 12 hours, to: [manager] }
rules:
  at_risk: { ladder: quick, after: 0 minutes }
fallback: { to: [tom], channels: [hook] }
settle: 0 minutes
`;

let folder: string;
let hook: HookDouble;
let composed: Composed;
let edge: string;
let api: string;
let secret: Secret;
/** The shared clock, and when it was read. */
let clock = 0;
let readAt = 0;
let made = 0;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-native-')));
  hook = await HookDouble.open({ secret: HOOK_SECRET });
  writeFileSync(join(folder, 'slipway.yaml'), policy(hook.url));
  const [edgePort, consolePort, temporalPort, temporalUiPort] = (await keepablePorts(4)) as [
    number,
    number,
    number,
    number,
  ];
  composed = await Composed.up({
    directory: folder,
    policy: join(folder, 'slipway.yaml'),
    edgePort,
    consolePort,
    temporalPort,
    temporalUiPort,
    over: {
      DEPLOY_HOOK_SECRET: HOOK_SECRET,
      SLIPWAY_ALLOW_PRIVATE_TARGETS: 'true',
      SLIPWAY_CLOCK_SPEED: `${SPEED}`,
      SLIPWAY_LOG: 'warn',
    },
  });
  edge = `http://127.0.0.1:${edgePort}`;
  api = `http://127.0.0.1:${consolePort}/api/v1`;
  const { json } = await ask('/status');
  clock = Date.parse((json as { clock: { now: string } }).clock.now);
  readAt = Date.now();
  secret = parseSecrets(composed.secret('pivotal_webhook_secret'))[0] as Secret;
});

afterAll(async () => {
  await composed?.down();
  await hook?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('what docker-compose.yml describes', () => {
  it('applies a signed event, chases for it, and stops when somebody acknowledges', async () => {
    const [acknowledged, left] = ['onb_acknowledged', 'onb_left'];
    for (const id of [acknowledged, left]) {
      expect(await post(event('onboarding.created', id))).toBe(200);
      expect(await post(event('onboarding.at_risk', id))).toBe(200);
    }
    await until(() => told(acknowledged).length === 1 && told(left).length === 1, 'both owners are told');
    const [first] = told(acknowledged);
    const { status } = await ask(`/escalations/${first?.escalation}/acknowledge`, { by: 'mia' });
    expect(status).toBe(200);
    await until(() => told(left).some(({ level }) => level === 2), 'the manager of the one that was left is told');
    expect(told(acknowledged).map(({ level }) => level)).toEqual([1]);
    expect(hook.surprises).toEqual([]);
  });

  it('wants the token of its secret file on the console', async () => {
    expect((await fetch(`${api}/status`)).status).toBe(401);
    expect((await ask('/status')).status).toBe(200);
  });

  it('loses nothing when a server is killed, and uses it again when it is back', async () => {
    const id = 'onb_killed';
    await post(event('onboarding.created', id));
    const [one, other] = composed.servers;
    let acknowledged = 0;
    const sent = Array.from({ length: 40 }, (_, nth) => event('task.completed', id, { title: `task ${nth}` }));
    const sending = Promise.all([send(sent.slice(0, 20)), send(sent.slice(20))]);
    await until(() => acknowledged >= 10, 'ten are acknowledged');
    await one?.stop('SIGKILL');
    await sending;
    expect(other?.isRunning).toBe(true);
    one?.launch();
    await one?.ready();
    await until(async () => (await applied(id)) === 41, 'all forty-one are applied', 60_000);

    /** As the sender does: again until it is answered 200. */
    async function send(events: readonly object[]): Promise<void> {
      for (const each of events) {
        while ((await post(each)) !== 200) await pause(100);
        acknowledged++;
      }
    }
  }, 120_000);

  it('drains on SIGTERM: a restart under load ends in order, and nothing that was acknowledged is lost', async () => {
    const id = 'onb_rolling';
    await post(event('onboarding.created', id));
    const load = { goesOn: true };
    const answers: number[] = [];
    const sending = (async () => {
      for (; load.goesOn; await pause(20)) answers.push(await post(event('task.completed', id)));
    })();
    for (const one of [...composed.servers.slice(1), ...composed.workers.slice(1)]) {
      expect([one.name, await one.stop('SIGTERM')]).toEqual([one.name, 0]);
      one.launch();
      await one.ready();
    }
    load.goesOn = false;
    await sending;
    const taken = answers.filter((status) => status === 200).length;
    expect(answers.every((status) => status === 200 || status === 0)).toBe(true);
    await until(async () => ((await applied(id)) ?? 0) >= 1 + taken, 'all that was acknowledged is applied', 60_000);
  }, 120_000);
});

function event(type: string, id: string, extra: object = {}): object {
  const object = type.startsWith('task.')
    ? { id: `tsk_${++made}`, onboarding_id: id, customer_id: `cus_${id}`, ...extra }
    : {
        id,
        customer_id: `cus_${id}`,
        name: 'Borealis',
        phase: 'kickoff',
        state: 'active',
        owner_email: 'mia@vendor.example',
      };
  return {
    id: `evt_${++made}`,
    type,
    created_at: new Date(clock + SPEED * (Date.now() - readAt)).toISOString(),
    livemode: true,
    data: { object },
  };
}

/** The answer's status; 0 where the connection was closed before one came. */
async function post(body: object): Promise<number> {
  const text = JSON.stringify(body);
  const id = `msg_${++made}`;
  const headers = { 'content-type': 'application/json', ...sign(secret, id, Math.floor(Date.now() / 1000), text) };
  return fetch(`${edge}/webhooks/pivotal`, { method: 'POST', headers, body: text }).then(
    (answer) => answer.status,
    () => 0,
  );
}

const told = (onboarding: string) =>
  [...hook.taken.values()].filter((one) => one.onboarding === onboarding && one.type === 'escalation.notified');

async function ask(path: string, body?: object): Promise<{ readonly status: number; readonly json: unknown }> {
  const answer = await fetch(`${api}${path}`, {
    headers: { authorization: `Bearer ${composed.secret('slipway_api_token')}`, 'content-type': 'application/json' },
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, json: await answer.json() };
}

async function applied(id: string): Promise<number | undefined> {
  const { json } = await ask(`/onboardings/${id}`);
  return (json as { events?: { applied: number } }).events?.applied;
}
