import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BODY_LIMIT_BYTES } from '../../src/ingress/read-body.js';
import { parseSecrets, type Secret } from '../../src/signature/secret.js';
import { sign } from '../../src/signature/sign.js';
import { TestPostgres } from '../support/postgres.js';
import { EdgeProcess } from './parts/edge-process.js';
import { said, spread } from './parts/figures.js';
import { sayRaw, slowSocket, statusesIn, upload } from './parts/flood.js';
import { Ledger } from './parts/ledger.js';
import type { Message } from './parts/message.js';
import { ODD_BODIES } from './parts/odd-bodies.js';
import { fromAnotherAddress, inLanes, nowSeconds, post, signedDelivery } from './parts/posts.js';
import { startTraffic, type Traffic } from './parts/sender.js';
import { sized, told } from './parts/size.js';
import { until } from '../start/slipway-process.js';
import { SPOILS, spoiledDeliveries } from './parts/spoiled.js';

/**
 * A1 to A12 of the fault list: the edge alone, in a process of its own, over a real PostgreSQL. There is no Temporal:
 * what would go there is counted.
 */
const SEED = Number(process.env['FAULTS_SEED'] ?? 20_261_123);
const MOST_GROWTH_BYTES = 50_000_000;
const secretText = (name: string): string => `whsec_${Buffer.from(name.padEnd(24, '.')).toString('base64')}`;
const secretOf = (name: string): Secret => {
  const [secret] = parseSecrets(secretText(name));
  if (!secret) throw new Error('no secret');
  return secret;
};
const OWN = secretOf('own');

const eventBody = (id: string, onboarding = 'onb_1'): string =>
  JSON.stringify({
    id,
    type: 'onboarding.phase_changed',
    created_at: new Date().toISOString(),
    org_id: 'org_1',
    livemode: true,
    data: { object: { id: onboarding, phase: 'uat', state: 'active' }, previous_attributes: { phase: 'kickoff' } },
  });

function* messages(tag: string, onboardings = 20): Generator<Message> {
  for (let n = 0; ; n++) {
    const id = `evt_${tag}_${n}`;
    const onboarding = `onb_${tag}_${n % onboardings}`;
    const subject = { kind: 'onboarding', id: onboarding } as const;
    yield { id: `msg_${id}`, eventId: id, type: 'onboarding.phase_changed', subject, body: eventBody(id, onboarding) };
  }
}

let postgres: TestPostgres;
let database: string;
let edge: EdgeProcess;
const agent = new Agent({ connections: 32, pipelining: 1 });
beforeAll(async () => {
  postgres = await TestPostgres.start();
  database = await postgres.database();
  edge = await EdgeProcess.start(database, secretText('own'));
});
afterAll(async () => {
  await agent.destroy();
  await edge.stop();
  await postgres.stop();
});

const archived = async (pattern: string): Promise<number> => {
  const [row] = await postgres.query(database, `select count(*)::int as n from inbox where event_id like '${pattern}'`);
  return Number(row?.['n']);
};

/** Good events at this rate while something else goes on. */
function goodTraffic(tag: string, ratePerSecond: number): { ledger: Ledger; traffic: Traffic } {
  const ledger = new Ledger();
  const traffic = startTraffic({
    edges: [edge.url],
    secret: () => OWN,
    messages: messages(tag),
    ledger,
    seed: SEED,
    ratePerSecond,
  });
  return { ledger, traffic };
}

/** Every good one was acknowledged at its first try. */
function expectUntouched(ledger: Ledger): void {
  const { events, posts } = ledger.figures();
  expect(ledger.faults()).toEqual([]);
  expect([events.acked, posts.acked]).toEqual([events.made, posts.sent]);
}

async function expectUnharmed(): Promise<void> {
  const look = await edge.look();
  expect([look.faults, look.isPolluted]).toEqual([[], false]);
}

describe('requests that nobody with the secret has made', () => {
  it('are all refused, and reach neither archive nor Temporal (A1, A3)', async () => {
    const before = await edge.look();
    const count = sized(2_000, 10_000);
    const forger = { own: OWN, foreign: secretOf('foreign') };
    const spoiled: number[] = [];
    const good: number[] = [];
    const odd: string[] = [];
    await inLanes(spoiledDeliveries(count, SEED, forger, eventBody), 16, async ({ way, delivered }) => {
      const refused = await post(edge.url, delivered, agent);
      spoiled.push(refused.ms);
      if (refused.status !== 401) odd.push(`${way} was answered ${refused.status}`);
      const n = good.length;
      const taken = await post(
        edge.url,
        signedDelivery(OWN, `msg_a1_${n}_${way}`, eventBody(`evt_a1_${n}_${way}`)),
        agent,
      );
      good.push(taken.ms);
      if (taken.status !== 200) odd.push(`a good one was answered ${taken.status}`);
    });

    const after = await edge.look();
    const [refusedWait, goodWait] = [spread(spoiled), spread(good)];
    told(`A1 refused ${said(refusedWait)}; good ${said(goodWait)}; ${Object.keys(SPOILS).length} ways`);
    expect(odd).toEqual([]);
    expect(after.offered - before.offered).toBe(count);
    expect(await archived('evt\\_spoiled%')).toBe(0);
  });
});

describe('a delivery that is repeated within five minutes', () => {
  it('is answered 2xx each time and stored once (A4)', async () => {
    const count = sized(300, 1_000);
    const ids = Array.from({ length: count }, (_, n) => `evt_a4_${n}`);
    const deliveries = ids.map((id) => signedDelivery(OWN, `msg_${id}`, eventBody(id)));
    const news: string[] = [];
    await inLanes([...deliveries, ...deliveries, ...deliveries], 16, async (delivered) => {
      const { status, json } = await post(edge.url, delivered, agent);
      expect(status).toBe(200);
      if (!json.duplicate) news.push(delivered.headers['svix-id'] ?? '');
    });
    expect(new Set(news).size).toBe(count);
    expect(news).toHaveLength(count);
    expect(await archived('evt\\_a4%')).toBe(count);
  });
});

describe('bodies of every size', () => {
  it('cost no memory and hold up nobody: endless chunks, a gzip bomb, a length that lies (A5)', async () => {
    const before = await edge.look();
    const { ledger, traffic } = goodTraffic('a5', 50);
    const endless = await upload(edge.port, 1_000_000_000, 'chunked');
    const declared = await upload(edge.port, 10_000_000, 'declared');
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20));
    const zipped = signedDelivery(OWN, 'msg_bomb', bomb);
    const bombed = await post(
      edge.url,
      { ...zipped, headers: { ...zipped.headers, 'content-encoding': 'gzip' } },
      agent,
    );
    const sizes = [0, 1, BODY_LIMIT_BYTES, BODY_LIMIT_BYTES + 1].map((bytes) => Buffer.alloc(bytes, 0x78));
    const answers = [];
    for (const bytes of sizes)
      answers.push(await post(edge.url, signedDelivery(OWN, `msg_${bytes.length}`, bytes), agent));
    const head = 'POST /webhooks/pivotal HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';
    const lies = await Promise.all(
      ['Content-Length: 20\r\n\r\n{}', 'Content-Length: 2\r\n\r\n{}{}{}', 'Content-Length: x\r\n\r\n{}'].map((rest) =>
        sayRaw(edge.port, head + rest),
      ),
    );
    await traffic.stop();

    const growth = (await edge.look()).rssBytes - before.rssBytes;
    told(
      `A5 ${endless.written / 1e6} MB in chunks, ${(growth / 1e6).toFixed(0)} MB more; others meanwhile ${said(ledger.figures().ackedWait)}`,
    );
    expect([endless.status, declared.status]).toEqual([413, 413]);
    expect([bombed.status, bombed.json.error?.code]).toEqual([415, 'unreadable_body']);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 413]);
    expect(lies.flatMap(statusesIn).filter((status) => status < 400 || status > 499)).toEqual([]);
    expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
    expectUntouched(ledger);
    await expectUnharmed();
  });

  it('do no harm in headers either: too many, too long, far too often (A10)', async () => {
    const good = signedDelivery(OWN, 'msg_a10', eventBody('evt_a10'));
    const lines = Object.entries(good.headers).map(([name, value]) => `${name}: ${value}`);
    const request = (more: readonly string[]): string =>
      [
        'POST /webhooks/pivotal HTTP/1.1',
        'host: x',
        'connection: close',
        ...more,
        ...lines,
        `content-length: ${good.body.length}`,
      ]
        .join('\r\n')
        .concat('\r\n\r\n', good.body.toString());
    const long = await sayRaw(edge.port, request([`x-long: ${'y'.repeat(17_000)}`]));
    const many = await sayRaw(edge.port, request(Array.from({ length: 900 }, (_, n) => `x-${n}: y`)));
    // Node drops what follows the first thousand: the signature is among it.
    const tooMany = await sayRaw(edge.port, request(Array.from({ length: 1_500 }, (_, n) => `x-${n}: y`)));
    const floods = await Promise.all(
      Array.from({ length: 200 }, () => sayRaw(edge.port, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'z'.repeat(40_000)}`)),
    );
    expect([long, many, tooMany].map(statusesIn)).toEqual([[431], [200], [401]]);
    expect(floods.flatMap(statusesIn).filter((status) => status !== 431)).toEqual([]);
    await expectUnharmed();
  });
});

describe('senders that never come to an end', () => {
  it('are cut off in 10 and 15 s, hundreds of slow ones and of idle ones, while good ones are served (A6)', {
    timeout: 60_000,
  }, async () => {
    const { ledger, traffic } = goodTraffic('a6', 100);
    const head = 'POST /webhooks/pivotal HTTP/1.1\r\nhost: x\r\n';
    const started = await Promise.all(
      Array.from({ length: sized(300, 500) }, (_, n) =>
        n % 2 === 0
          ? slowSocket(edge.port, head, 1_000)
          : slowSocket(edge.port, `${head}content-length: 999\r\n\r\n${'{'.repeat(99)}`, 100),
      ),
    );
    const idle = await Promise.all(Array.from({ length: sized(500, 2_000) }, () => slowSocket(edge.port, '', 60_000)));
    const [headers, bodies] = [0, 1].map((kind) => started.filter((_, n) => n % 2 === kind));
    const lives = async (sockets: typeof started): Promise<number[]> => Promise.all(sockets.map(({ ended }) => ended));
    const [ofHeaders, ofBodies, ofIdle] = await Promise.all([lives(headers ?? []), lives(bodies ?? []), lives(idle)]);
    await traffic.stop();

    told(
      `A6 cut off: headers ${said(spread(ofHeaders))}; bodies ${said(spread(ofBodies))}; idle ${said(spread(ofIdle))}`,
    );
    told(`A6 others meanwhile ${said(ledger.figures().ackedWait)}`);
    expect(Math.max(...ofHeaders, ...ofIdle)).toBeLessThan(13_000);
    expect(Math.max(...ofBodies)).toBeLessThan(18_000);
    expectUntouched(ledger);
  });
});

describe('a signed body of any kind', () => {
  it('is kept and answered 2xx, and bytes that are no text are no signature (A7, A8, A9)', async () => {
    const odd: string[] = [];
    let n = 0;
    await inLanes(ODD_BODIES, 8, async ({ name, bytes, isText }) => {
      const { status } = await post(edge.url, signedDelivery(OWN, `msg_odd_${n++}`, bytes), agent);
      if (status !== (isText ? 200 : 401)) odd.push(`${name} was answered ${status}`);
    });
    told(`A7-A9 ${ODD_BODIES.length} bodies`);
    expect(odd).toEqual([]);
    expect(ODD_BODIES.length).toBeGreaterThan(300);
    await expectUnharmed();
    // The archive gives back what it was given, whatever it was.
    const rows = await postgres.query(
      database,
      `select count(*)::int as n from inbox where delivery_id like 'msg\\_odd\\_%'`,
    );
    expect(rows).toEqual([{ n: ODD_BODIES.filter(({ isText }) => isText).length }]);
  });

  it('and whatever else is sent is never answered 5xx (A11)', { timeout: sized(120_000, 1_200_000) }, async () => {
    const runs = sized(1_500, 100_000);
    const name = fc.constantFrom(
      'id',
      'type',
      'data',
      'object',
      'onboarding_id',
      'phase',
      'created_at',
      '__proto__',
      'x',
    );
    const { value: json } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.jsonValue(), fc.dictionary(name, tie('value'), { maxKeys: 6 })),
    }));
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      json.map((value) => Buffer.from(JSON.stringify(value) ?? '')),
      fc
        .tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), fc.string({ minLength: 1 }), json)
        .map(([id, type, data]) => Buffer.from(JSON.stringify({ id, type, data }))),
    );
    const header = fc.stringMatching(/^[ -~]{1,60}$/).map((value) => value.trim() || 'x');
    const spoiled = fc.dictionary(
      fc.constantFrom('svix-id', 'webhook-signature', 'svix-timestamp', 'content-type', 'x-forwarded-for', 'expect-ct'),
      header,
    );
    const headers = fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, spoiled);
    const method = fc.oneof({ weight: 9, arbitrary: fc.constant('POST') }, fc.constantFrom('PUT', 'GET', 'DELETE'));
    const path = fc.oneof({ weight: 9, arbitrary: fc.constant('') }, fc.constantFrom('/x', '?a=1', '/%00', '/..%2f'));
    const statuses: Record<number, number> = {};
    const fuzz = async (seed: number, numRuns: number): Promise<void> => {
      const property = fc.asyncProperty(
        body,
        fc.boolean(),
        headers,
        method,
        path,
        async (bytes, isSigned, more, verb, tail) => {
          const signed = isSigned ? sign(OWN, 'msg_fuzz', nowSeconds(), bytes) : {};
          const options = {
            method: verb,
            headers: { ...fromAnotherAddress(), ...signed, ...more },
            ...(verb === 'GET' ? {} : { body: bytes }),
          };
          const url = new URL(edge.url + tail);
          const answer = await agent.request({
            origin: url.origin,
            path: `${url.pathname}${url.search}`,
            ...options,
          });
          await answer.body.dump();
          statuses[answer.statusCode] = (statuses[answer.statusCode] ?? 0) + 1;
          expect(answer.statusCode).toBeLessThan(500);
        },
      );
      await fc.assert(property, { seed, numRuns });
    };
    await Promise.all(Array.from({ length: 5 }, (_, lane) => fuzz(SEED + lane, runs / 5)));
    told(`A11 n = ${runs}, seed ${SEED}: ${JSON.stringify(statuses)}`);
    await expectUnharmed();
  });
});

describe('a secret that is rotated under traffic', () => {
  it('never costs a good delivery while both are active, and is refused once it is taken away (A12)', async () => {
    const rotations = sized(8, 20);
    const ratePerSecond = sized(300, 1_000);
    let current = { name: 'own', secret: OWN };
    let underOld = 0;
    const ledger = new Ledger();
    const traffic = startTraffic({
      edges: [edge.url],
      secret: () => current.secret,
      messages: messages('a12'),
      ledger,
      seed: SEED,
      ratePerSecond,
      duplicates: 0,
    });
    const signsStill = async (secret: Secret): Promise<number> =>
      (
        await post(
          edge.url,
          signedDelivery(secret, `msg_a12_${++underOld}`, eventBody(`evt_a12_old_${underOld}`)),
          agent,
        )
      ).status;
    for (let n = 1; n <= rotations; n++) {
      const next = { name: `own_${n}`, secret: secretOf(`own_${n}`) };
      const old = current;
      await edge.trust(`${secretText(next.name)} ${secretText(old.name)}`);
      current = next;
      expect(await signsStill(old.secret)).toBe(200);
      // What was signed with the old one and is still on its way is let arrive.
      const onTheirWay = new Set(ledger.ended('open').map(({ message }) => message.id));
      await until(() => !ledger.ended('open').some(({ message }) => onTheirWay.has(message.id)), 'they have arrived');
      await edge.trust(secretText(next.name));
      expect([await signsStill(old.secret), await signsStill(next.secret)]).toEqual([401, 200]);
    }
    await traffic.stop();
    await edge.trust(secretText('own'));

    const { events, ackedWait } = ledger.figures();
    told(`A12 ${rotations} rotations, ${events.made} events at ${ratePerSecond}/s: ${said(ackedWait)}`);
    expect(ledger.ended('rejected')).toEqual([]);
    expectUntouched(ledger);
  });
});
