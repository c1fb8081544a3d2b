import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { messageId } from '../../src/channels/message-id.js';
import { webhookMessage } from '../../src/channels/webhook.js';
import type { Escalation } from '../../src/contracts/api.js';
import { REAL_CLOCK } from '../../src/domain/time/clock.js';
import { parseSecrets } from '../../src/signature/secret.js';
import { SEED_TYPES } from '../../src/simulator/event.js';
import { messageOf } from '../channels/message.js';
import { judge } from './parts/checker.js';
import { upperBound } from './parts/figures.js';
import { type Finding, holds, tableOf } from './parts/finding.js';
import type { WorkflowSeen } from './parts/histories.js';
import { HookDouble } from './parts/hook-double.js';
import { memoryIsFlat, sameEnds } from './parts/invariants.js';
import { Ledger, type Outcome } from './parts/ledger.js';
import { MemoryLog } from './parts/memory.js';
import type { Message } from './parts/message.js';
import type { Observed } from './parts/observe.js';
import { signedDelivery } from './parts/posts.js';
import { eventScript } from './parts/script.js';
import { startTraffic, type TrafficOptions } from './parts/sender.js';

/** A checker that finds nothing is worth nothing until it is seen to find: each part of the harness, with a fault planted. */
const SECRET_TEXT = `whsec_${Buffer.from('a secret of the harness tests').toString('base64')}`;
const [SECRET] = parseSecrets(SECRET_TEXT);
if (!SECRET) throw new Error('no secret');
const secret = SECRET;

const message = (n: number | string): Message => ({
  id: `msg_${n}`,
  eventId: `evt_${n}`,
  type: 'task.completed',
  subject: { kind: 'onboarding', id: 'onb_1' },
  body: `{"id":"evt_${n}"}`,
});
const ACKED: Outcome = { kind: 'acked', duplicate: false, quarantined: false };
const LOST: Outcome = { kind: 'unknown', why: '503' };
const REFUSED: Outcome = { kind: 'rejected', status: 401, code: 'bad_timestamp' };

describe('the books of a run', () => {
  it('balance when every post has ended, and tell what a retry resolved', () => {
    const ledger = new Ledger();
    for (const [n, outcomes] of [[ACKED], [LOST, ACKED], [LOST, LOST], [REFUSED]].entries())
      for (const outcome of outcomes) ledger.settle(ledger.post(message(n), 0), outcome, 7);
    expect(ledger.faults()).toEqual([]);
    expect(ledger.figures()).toMatchObject({
      posts: { sent: 6, acked: 2, rejected: 1, unknown: 3, open: 0 },
      events: { made: 4, acked: 2, rejected: 1, unresolved: 1, open: 0 },
      resolved: 1,
      unknownBy: { 503: 3 },
      wait: { n: 3, p50: 7 },
    });
  });

  it('are void where a post never ended, ended twice, or was another message under the same event', () => {
    const open = new Ledger();
    open.post(message(1), 0);
    const twice = new Ledger();
    const ticket = twice.post(message(1), 0);
    twice.settle(ticket, ACKED);
    twice.settle(ticket, ACKED);
    const changed = new Ledger();
    changed.settle(changed.post(message(1), 0), ACKED);
    changed.settle(changed.post({ ...message(1), body: '{}' }, 0), ACKED);
    for (const ledger of [open, twice, changed]) expect(ledger.faults()).not.toEqual([]);
  });
});

describe('the sender', () => {
  const servers: { close(): unknown; closeAllConnections(): void }[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  async function target(answer: (id: string, times: number, response: ServerResponse) => void): Promise<string> {
    const times = new Map<string, number>();
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        const id = String(request.headers['svix-id']);
        times.set(id, (times.get(id) ?? 0) + 1);
        answer(id, times.get(id) ?? 0, response);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/pivotal`;
  }
  const take = (response: ServerResponse): unknown => response.end('{"received":true,"duplicate":false}');

  async function run(edge: string, options: Partial<TrafficOptions> = {}): Promise<Ledger> {
    const ledger = new Ledger();
    const messages = Array.from({ length: 50 }, (_, n) => message(n)).values();
    const common = {
      edges: [edge],
      secret: () => secret,
      messages,
      ledger,
      seed: 7,
      ratePerSecond: 500,
      waitsMs: [5, 5],
    };
    await startTraffic({ ...common, ...options }).done;
    return ledger;
  }

  it('tries again under the same id what got no certain answer: 5xx, 429, a cut connection, silence', async () => {
    const edge = await target((id, times, response) => {
      const n = Number(id.slice('msg_'.length)) % 5;
      if (times > 1 || n === 4) return take(response);
      if (n === 0) return response.writeHead(503).end();
      if (n === 1) return response.writeHead(429).end();
      return n === 2 ? response.destroy() : undefined;
    });
    const { posts, events, unknownBy, resolved } = (
      await run(edge, { duplicates: 0, answerWithinMs: 700, connections: 64 })
    ).figures();
    expect([posts.sent, posts.unknown, events.acked, resolved]).toEqual([90, 40, 50, 40]);
    expect(Object.keys(unknownBy)).toEqual(expect.arrayContaining(['503', '429']));
  });

  it('believes a 4xx, and calls unresolved what never got an answer', async () => {
    const edge = await target((id, _, response) => response.writeHead(id === 'msg_1' ? 401 : 500).end());
    const { events } = (await run(edge)).figures();
    expect([events.rejected, events.unresolved]).toEqual([1, 49]);
  });

  it('counts from the scheduled instant, so that a target that stands still for a while cannot hide it', async () => {
    const from = performance.now();
    const edge = await target(
      (_, __, response) => void setTimeout(() => take(response), Math.max(0, from + 400 - performance.now())),
    );
    const ledger = await run(edge, { connections: 1, duplicates: 0 });
    const { ackedWait } = ledger.figures();
    // With one connection the second post left only after the first was answered; its own answer took no time.
    expect(ackedWait.p50).toBeGreaterThan(250);
  });

  it('posts some twice, and the same ones for the same seed', async () => {
    const seen: string[][] = [];
    for (let n = 0; n < 2; n++) {
      const ids: string[] = [];
      const edge = await target((id, _, response) => {
        ids.push(id);
        take(response);
      });
      await run(edge, { duplicates: 0.3 });
      seen.push(ids.sort());
    }
    expect(seen[0]?.length).toBeGreaterThan(50);
    expect(seen[0]).toEqual(seen[1]);
  });
});

describe('the script of events', () => {
  const some = (options: object, count = 400): Message[] => {
    let now = Date.UTC(2026, 0, 5);
    const script = eventScript({ seed: 5, onboardings: 14, livemode: true, now: () => (now += 1_000), ...options });
    return Array.from({ length: count }, () => script.next().value);
  };

  it('is the same for a seed, holds every type, each event once, in an order that disorder changes and nothing else', () => {
    const straight = some({});
    expect(some({})).toEqual(straight);
    const types = new Set(some({ onboardings: 28 }, 1_200).map(({ type }) => type));
    expect(SEED_TYPES.filter((type) => !types.has(type))).toEqual([]);
    expect(new Set(straight.map(({ eventId }) => eventId)).size).toBe(straight.length);
    const mixed = some({ disorder: 20 });
    expect(mixed.map(({ eventId }) => eventId)).not.toEqual(straight.map(({ eventId }) => eventId));
    const known = new Set(some({}, 420).map(({ eventId }) => eventId));
    expect(mixed.every(({ eventId }) => known.has(eventId))).toBe(true);
  });

  it('goes on with new onboardings when all lives are over, and puts tasks between where it is asked to', () => {
    const long = some({ chatter: 3 }, 4_000);
    expect(new Set(long.map(({ eventId }) => eventId)).size).toBe(4_000);
    expect(long.filter(({ type }) => type === 'task.completed').length).toBeGreaterThan(2_000);
    expect(
      new Set(long.flatMap(({ subject }) => (subject?.kind === 'onboarding' ? [subject.id] : []))).size,
    ).toBeGreaterThan(14);
  });
});

describe('the double of a receiver', () => {
  let double: HookDouble | undefined;
  afterEach(() => double?.close());
  const told = webhookMessage('hook', messageOf());

  async function post(body: object | string, id = 'msg_1', path = ''): Promise<number> {
    const { headers, body: bytes } = signedDelivery(secret, id, typeof body === 'string' ? body : JSON.stringify(body));
    const sent = fetch((double?.url ?? '') + path, { method: 'POST', headers, body: new Uint8Array(bytes) });
    return sent.then(
      ({ status }) => status,
      () => 0,
    );
  }

  it('takes a message once, and knows a repeat by its id', async () => {
    double = await HookDouble.open({ secret: SECRET_TEXT });
    expect([await post(told), await post(told), await post(told, 'msg_2')]).toEqual([200, 200, 200]);
    expect([double.taken.size, double.repeats, double.surprises]).toEqual([2, 1, []]);
  });

  it('is surprised by whatever its page does not promise', async () => {
    double = await HookDouble.open({ secret: SECRET_TEXT });
    const { data } = told;
    const odd = [
      [told, 'msg_1', '/else'],
      ['no JSON', 'msg_2'],
      [{ ...told, type: 'escalation.guessed' }, 'msg_3'],
      [{ ...told, data: { ...data, level: 0 } }, 'msg_4'],
      [{ ...told, extra: 1 }, 'msg_5'],
    ] as const;
    for (const [body, id, path] of odd) expect(await post(body, id, path)).toBe(400);
    await post(told, 'msg_6');
    await post({ ...told, data: { ...data, level: data.level + 1 } }, 'msg_6');
    const unsigned = await fetch(double.url, { method: 'POST', body: JSON.stringify(told) });
    expect(unsigned.status).toBe(400);
    expect(double.surprises).toHaveLength(7);
  });

  it('can lose its reply, ask for time, fail, hang and drop, for a while', async () => {
    double = await HookDouble.open({ secret: SECRET_TEXT });
    double.trouble({ trouble: { kind: 'lose_reply' }, times: 1 });
    expect([await post(told), await post(told)]).toEqual([0, 200]);
    expect([...double.taken.values()]).toMatchObject([{ repeats: 1, lostReplies: 1 }]);
    double.trouble({ trouble: { kind: 'rate_limited', retryAfterSeconds: 3 }, times: 1 });
    expect([await post(told, 'msg_2'), await post(told, 'msg_2')]).toEqual([429, 200]);
    double.trouble({ trouble: { kind: 'error', status: 500 }, times: 1 });
    expect([await post(told, 'msg_3'), await post(told, 'msg_3')]).toEqual([500, 200]);
    double.trouble({ trouble: { kind: 'drop' }, times: 1 });
    expect([await post(told, 'msg_4'), await post(told, 'msg_4')]).toEqual([0, 200]);
    expect(double.taken.get('msg_4')?.repeats).toBe(0);
    expect(double.refused).toEqual({ rate_limited: 1, error: 1, drop: 1 });
  });
});

describe('the checker', () => {
  const at = Date.UTC(2026, 10, 2, 12);
  const workflow = (over: Partial<WorkflowSeen> = {}): WorkflowSeen => ({
    workflowId: 'onboarding/main/onb_1',
    type: 'onboarding',
    runs: 1,
    status: 'RUNNING',
    signalled: ['evt_1'],
    taskFailures: [],
    pending: { timers: [at + 1_000], activities: 0, taskTries: 0 },
    ...over,
  });
  const row = { id: 'evt_1', type: null, status: 'signalled', workflow_id: 'onboarding/main/onb_1' } as const;
  const send = {
    key: 'esc_1/notified/1/0/hook/mia',
    channel: 'hook',
    recipient: 'mia',
    kind: 'notified',
    level: 1,
    fallback: false,
    at: new Date(at + 900).toISOString(),
    due_at: new Date(at).toISOString(),
    status: 'sent',
    tries: 1,
    error: null,
    provider_id: null,
  } as const;
  const escalation = (sends: object): Escalation =>
    ({ ...messageOf().escalation, id: 'esc_1', sends: [{ ...send, ...sends }] }) as Escalation;

  interface Plant {
    readonly observed?: Partial<Observed>;
    readonly applied?: number;
    readonly forged?: string;
    readonly outage?: boolean;
    readonly outcome?: Outcome;
    readonly arrives?: boolean;
  }

  async function judged({
    observed = {},
    applied = 1,
    forged,
    outage,
    outcome = ACKED,
    arrives = true,
  }: Plant): Promise<readonly Finding[]> {
    const ledger = new Ledger();
    ledger.settle(ledger.post(message(1), 0), outcome);
    const double = await HookDouble.open({ secret: SECRET_TEXT });
    const taken = {
      id: messageId(send.key),
      type: 'escalation.notified',
      escalation: 'esc_1',
      onboarding: 'onb_1',
      level: 1,
    };
    if (arrives)
      double.taken.set(taken.id, { ...taken, recipient: 'mia', channel: 'hook', at, repeats: 0, lostReplies: 0 });
    await double.close();
    return judge(
      {
        ledger,
        forged: new Set(forged ? [forged] : []),
        hooks: [{ channel: 'hook', double, honoursId: true }],
        time: { clock: REAL_CLOCK, outages: outage ? [{ from: at - 1_000, to: at + 50_000 }] : [] },
      },
      {
        at,
        workflows: [workflow()],
        applied: new Map([['onboarding/main/onb_1', { count: applied, has: () => applied > 0 }]]),
        archive: new Map([['evt_1', [row]]]),
        onboardings: new Map(),
        escalations: [escalation({})],
        ...observed,
      },
    );
  }
  const violated = (findings: readonly Finding[]): string[] =>
    findings.filter(({ violations }) => violations.length > 0).map(({ id }) => id);

  it('finds nothing where nothing is wrong, and says on how many trials that rests', async () => {
    const findings = await judged({});
    expect(violated(findings)).toEqual([]);
    expect(holds(findings)).toBe(true);
    expect(findings.map(({ id, n }) => `${id} ${n}`)).toEqual([
      'I0 1',
      'I1 1',
      'I2 1',
      'I3 1',
      'I4 0',
      'I5 1',
      'I6 1',
      'I7 1',
    ]);
    expect(tableOf(findings)).toMatch(/I1 +acknowledged events lost +0 +1 +< 100\.0 %/);
  });

  const moved = workflow({ workflowId: 'onboarding/main/onb_2' });
  it.each<[string, string, Plant]>([
    ['I1', 'an acknowledged event that is not in the archive', { observed: { archive: new Map() } }],
    [
      'I1',
      'an event that was archived and never signalled',
      { applied: 0, observed: { workflows: [workflow({ signalled: [] })] } },
    ],
    ['I1', 'an event that was signalled to two workflows', { observed: { workflows: [workflow(), moved] } }],
    ['I1', 'an event that went to another workflow than its own', { observed: { workflows: [moved] } }],
    ['I1 I2', 'an event that was signalled and not applied', { applied: 0 }],
    ['I2', 'an event that was applied twice', { applied: 2 }],
    ['I3', 'a send that never arrived', { arrives: false }],
    ['I3', 'a message that is none of the sends', { observed: { escalations: [] } }],
    ['I4', 'a forgery in the archive and in Temporal', { forged: 'evt_1' }],
    [
      'I4',
      'an event that nobody made',
      { applied: 2, observed: { workflows: [workflow({ signalled: ['evt_1', 'evt_9'] })] } },
    ],
    [
      'I5',
      'a send that came early',
      { observed: { escalations: [escalation({ at: new Date(at - 60_000).toISOString() })] } },
    ],
    [
      'I5',
      'a send that came late',
      { observed: { escalations: [escalation({ at: new Date(at + 6_000).toISOString() })] } },
    ],
    [
      'I6',
      'a task that fails for ever',
      { observed: { workflows: [workflow({ pending: { timers: [], activities: 0, taskTries: 9 } })] } },
    ],
    [
      'I6',
      'a timer that is overdue',
      { observed: { workflows: [workflow({ pending: { timers: [at - 90_000], activities: 0, taskTries: 0 } })] } },
    ],
    [
      'I6',
      'a workflow that waits for nothing',
      { observed: { workflows: [workflow({ pending: { timers: [], activities: 0, taskTries: 0 } })] } },
    ],
    [
      'I7',
      'a task that diverged',
      { observed: { workflows: [workflow({ taskFailures: ['WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR'] })] } },
    ],
  ])('finds (%s) %s', async (ids, _, plant) => {
    expect(violated(await judged(plant)).join(' ')).toBe(ids);
  });

  it('allows for an outage, and not for longer', async () => {
    const late = (seconds: number): Plant => ({
      outage: true,
      observed: { escalations: [escalation({ at: new Date(at + seconds * 1_000).toISOString() })] },
    });
    expect(violated(await judged(late(100)))).toEqual([]);
    expect(violated(await judged(late(120)))).toEqual(['I5']);
  });

  it('calls a run void whose books do not balance, and a late event none lost', async () => {
    const ledger = new Ledger();
    ledger.post(message(1), 0);
    expect(ledger.faults()).toHaveLength(2);
    const findings = await judged({
      applied: 0,
      observed: { workflows: [], archive: new Map([['evt_1', [{ ...row, status: 'late' }]]]) },
    });
    expect(violated(findings)).toEqual([]);
  });

  it('compares ends (I8) and sees a process grow (I9)', () => {
    expect(sameEnds([{ name: 'a', one: { phase: 1 }, other: { phase: 2 } }]).violations).toHaveLength(1);
    const [flat, growing] = [new MemoryLog(), new MemoryLog()];
    for (let n = 0; n < 40; n++) {
      flat.add('server', 100 + (n % 3));
      growing.add('server', 100 + n);
    }
    expect(memoryIsFlat(flat).violations).toEqual([]);
    expect(memoryIsFlat(growing).violations).toHaveLength(1);
  });

  it('knows what a nought of n trials is worth', () => {
    expect([0, 1, 300, 30_000].map(upperBound)).toEqual([1, 1, 0.01, 0.0001]);
  });
});
