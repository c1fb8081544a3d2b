import { createHash, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import http from 'node:http';
import type { ApiDeps } from '../../src/api/deps.js';
import { createApi } from '../../src/api/app.js';
import { TokenNameTaken, type TokenRecord } from '../../src/contracts/access.js';
import type { AuditEntry } from '../../src/contracts/audit.js';
import type { Erasure } from '../../src/contracts/care.js';
import type { StatusView } from '../../src/contracts/api.js';
import { GatewayRefusal } from '../../src/contracts/gateway.js';
import { workflowId } from '../../src/contracts/ids.js';
import { escalationIdOf } from '../../src/domain/escalation/escalation-id.js';
import type { Rejection } from '../../src/contracts/inbox.js';
import { SILENT } from '../../src/contracts/observer.js';
import type {
  EscalationFilter,
  EventFilter,
  OnboardingFilter,
  OnboardingRow,
  StoredEvent,
  StoredPolicy,
} from '../../src/contracts/read-model.js';
import { type RebuildLook, RebuildRefusal } from '../../src/contracts/rebuild.js';
import { InvalidCursor } from '../../src/contracts/read-model.js';
import type { Action } from '../../src/domain/escalation/action.js';
import type { EntityKey } from '../../src/domain/event/key.js';
import type { Fact } from '../../src/domain/event/fact.js';
import type { LogEntry } from '../../src/domain/onboarding/log.js';
import type { EscalationView, OnboardingView } from '../../src/domain/onboarding/present.js';
import type { Person, Policy } from '../../src/domain/policy/policy.js';
import { MemoryWebhooks } from './webhooks/memory-webhooks.js';

/** Monday, 2026-11-23 10:00 UTC, inside the office's hours. */
export const NOW = Date.parse('2026-11-23T10:00:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const iso = (at: number): string => new Date(at).toISOString();

export const MIA: Person = {
  id: 'mia',
  name: 'Mia Park',
  emails: ['mia@vendor.example'],
  pivotalIds: ['usr_17'],
  manager: 'tom',
  calendar: 'office',
  channels: ['log'],
  timeOff: [],
};
export const TOM: Person = {
  id: 'tom',
  name: 'Tom Reyes',
  emails: ['tom@vendor.example'],
  pivotalIds: [],
  calendar: 'office',
  channels: ['log'],
  timeOff: [],
};

const OFFICE_DAY = [[9 * 60, 17 * 60]] as const;
const days = (amount: number) => ({ amount, unit: 'days' }) as const;

export const POLICY: Policy = {
  hash: 'hash-1',
  workspace: { timeZone: 'UTC', calendar: 'office' },
  calendars: {
    office: {
      name: 'office',
      zone: 'UTC',
      offsets: [{ from: 0, minutes: 0 }],
      week: [OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, OFFICE_DAY, [], []],
      closed: [],
    },
  },
  phases: [],
  defaultPhase: { behind: days(3), stuck: days(5) },
  states: {},
  people: [MIA, TOM],
  roles: {},
  channels: { log: 'log' },
  ladders: {},
  rules: {},
  acknowledge: { expiresAfter: days(3) },
  coolDown: days(1),
  stillTrueAfter: null,
  settle: { amount: 2, unit: 'minutes' },
  catchUp: { amount: 30, unit: 'minutes' },
  fallback: { to: ['tom'], channels: ['log'] },
  graceAfterCompleted: days(30),
};

export const keyOf = (id: string, more: Partial<EntityKey> = {}): EntityKey => ({
  workspace: 'main',
  mode: 'live',
  id,
  ...more,
});

export function anEscalation(onboarding: string, n = 1, more: Partial<EscalationView> = {}): EscalationView {
  return {
    id: escalationIdOf(keyOf(onboarding), n),
    onboarding_id: onboarding,
    rule: 'stuck_in_phase',
    severity: 'normal',
    status: 'open',
    level: 1,
    opened_at: iso(NOW - DAY),
    reason: 'In uat for 6 working days; 5 are allowed.',
    evidence: [],
    acknowledged: null,
    snoozed_until: null,
    resolved: null,
    assigned_to: null,
    notes: [],
    sends: [
      {
        key: `${onboarding}/1/notified/1/0/log/mia`,
        channel: 'log',
        recipient: 'mia',
        kind: 'notified',
        level: 1,
        fallback: false,
        at: iso(NOW - DAY),
        due_at: iso(NOW - DAY),
        status: 'sent',
        tries: 1,
        error: null,
        provider_id: null,
      },
    ],
    ...more,
  };
}

export function anOnboarding(id: string, more: Partial<OnboardingView> = {}): OnboardingView {
  return {
    id,
    org: 'org_1',
    workspace: 'main',
    mode: 'live',
    customer_id: `cus_${id}`,
    name: `Borealis ${id}`,
    phase: 'uat',
    state: 'running',
    hold: null,
    health: 'stuck',
    at_risk: false,
    phase_entered_at: iso(NOW - 8 * DAY),
    phase_entered_at_least: false,
    target: {
      first: '2026-12-01',
      latest: '2026-12-08',
      shifts: [{ from: '2026-12-01', to: '2026-12-08', at: iso(NOW - 3 * DAY) }],
    },
    created_at: iso(NOW - 30 * DAY),
    launched_at: null,
    completed_at: null,
    last_activity_at: iso(NOW - 8 * DAY),
    owner: 'mia',
    escalations: [],
    stalled_ms: DAY,
    next_wake_at: iso(NOW + DAY),
    next_wake_reason: 'Stuck in uat: level 2 due',
    events: { applied: 4, duplicates: 1, late: 0 },
    closed: false,
    workflow_id: workflowId('onboarding', keyOf(id, { ...more })),
    temporal_url: null,
    ...more,
  };
}

/** An event of the archive that moved an onboarding into a phase. */
export function anEvent(seq: number, onboarding: string, more: Partial<StoredEvent> = {}): StoredEvent {
  const at = NOW - (100 - seq) * HOUR;
  const fact: Fact = {
    id: `evt_${seq}`,
    source: 'pivotal',
    type: 'onboarding.phase_changed',
    kind: 'moved',
    at,
    heardAt: at,
    record: { phase: 'uat' },
    previous: { phase: 'integration' },
  };
  return {
    seq: String(seq),
    eventId: fact.id,
    source: 'pivotal',
    type: fact.type,
    deliveryId: `msg_${seq}`,
    receivedAt: at,
    receivedVirtual: at,
    duplicates: 0,
    occurredAt: at,
    status: 'signalled',
    quarantined: null,
    route: { to: 'onboarding', key: keyOf(onboarding), fact },
    org: 'org_1',
    secret: 'first',
    headers: { 'svix-id': `msg_${seq}` },
    body: Buffer.from(`{"id":"evt_${seq}","name":"Zoë"}`),
    ...more,
  };
}

export const STATUS: StatusView = {
  version: '0.1.0',
  started_at: iso(NOW - HOUR),
  clock: { now: iso(NOW), speed: 1 },
  temporal: {
    reachable: true,
    address: '127.0.0.1:7233',
    namespace: 'slipway',
    ui_url: 'http://127.0.0.1:8233',
    detail: null,
  },
  store: { reachable: true, kind: 'embedded', detail: null },
  inbox: { pending: 0, oldest_received_at: null },
  sources: [{ name: 'pivotal', mode: 'live', workspace: 'main', orgs: ['org_1'] }],
  channels: [{ name: 'log', type: 'log', problem: null }],
  unmapped_states: [],
  policy: { hash: 'hash-1', published_at: iso(NOW - DAY) },
  warnings: [],
};

/** What a rebuild of an onboarding would change. */
export const LOOK: RebuildLook = {
  workflow: 'running',
  differences: [{ field: 'escalations[esc_1].level', present: '3', rebuilt: '1' }],
  presentDigest: '0123456789abcdef',
  rebuiltDigest: 'fedcba9876543210',
  confirm: '00112233445566ff',
  unlogged: { events: 0, told: 0 },
  missing: 0,
  rebuilt: anOnboarding('onb_1'),
};

interface Asked {
  readonly key: EntityKey;
  readonly action: Action;
  readonly updateId: string | undefined;
}

/** Everything the API asks of other rooms, in memory and in their own words. */
export class World {
  readonly rows: OnboardingRow[] = [];
  /** What the workflows themselves say, by workflow id. */
  readonly live = new Map<string, OnboardingView>();
  readonly past: EscalationView[] = [];
  readonly log: LogEntry[] = [];
  readonly archive: StoredEvent[] = [];
  readonly turnedAway: (Rejection & { seq: string })[] = [];
  readonly published: { stored: StoredPolicy; at: number }[] = [
    { stored: { hash: 'hash-1', source: 'workspace: {}\n', policy: POLICY }, at: NOW - DAY },
  ];
  readonly asked: Asked[] = [];
  readonly told: string[] = [];
  readonly redelivered: string[] = [];
  readonly filters: { onboardings?: OnboardingFilter; escalations?: EscalationFilter; events?: EventFilter } = {};
  readonly logged: string[] = [];
  readonly audited: AuditEntry[] = [];
  readonly erasures: Erasure[] = [];
  /** What was asked of the server side of care. */
  readonly cared: string[] = [];
  readonly tokens: { token: string; record: TokenRecord }[] = [];
  readonly webhooks = new MemoryWebhooks(() => NOW);
  /** By request, as the ledger of changes keeps them. */
  readonly changes = new Map<string, { body: string; done: boolean; answer: unknown }>();
  /** Makes a named token that lets in. */
  token(name: string, role: TokenRecord['role']): string {
    const record = {
      id: `tok_${this.tokens.length + 1}`,
      name,
      role,
      createdAt: NOW,
      createdBy: 'bootstrap',
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
    };
    this.tokens.push({ token: `slp_${name}`, record });
    return `slp_${name}`;
  }
  /** What an action answers with; a refusal where it throws. */
  answer: (key: EntityKey, action: Action) => EscalationView = (key, action) => {
    const id = 'escalationId' in action ? action.escalationId : '';
    const known = this.live.get(workflowId('onboarding', key)) ?? this.rows.find((row) => row.key.id === key.id)?.view;
    const escalation = known?.escalations.find((one) => one.id === id);
    if (!escalation) throw new GatewayRefusal('UnknownEscalation', `There is no escalation ${id}.`);
    return escalation;
  };

  add(view: OnboardingView, more: Partial<OnboardingRow> = {}): OnboardingView {
    const key = { workspace: view.workspace, mode: view.mode, id: view.id };
    this.rows.push({ key, view, behind: false, closed: view.closed, ...more });
    return view;
  }

  erasure(more: Partial<Erasure> = {}): Erasure {
    const erasure: Erasure = {
      id: `era_${this.erasures.length + 1}`,
      kind: 'customer',
      customerId: 'cus_1',
      contactId: null,
      state: 'erasing',
      by: 'dpo',
      reason: 'Asked for',
      askedAt: NOW,
      doneAt: null,
      erased: {},
      workflows: [],
      ...more,
    };
    this.erasures.push(erasure);
    return erasure;
  }

  deps(more: Partial<ApiDeps> = {}): ApiDeps {
    return {
      readModel: {
        onboarding: async (id, choice = {}) =>
          this.rows.find(
            (row) =>
              row.key.id === id &&
              (choice.workspace ?? row.key.workspace) === row.key.workspace &&
              (choice.mode ?? row.key.mode) === row.key.mode,
          ),
        onboardings: async (filter) => {
          this.filters.onboardings = filter;
          if (filter.cursor === 'none-of-ours') throw new InvalidCursor(filter.cursor);
          return { data: this.rows.map((row) => row.view), next_cursor: null };
        },
        escalations: async (filter) => {
          this.filters.escalations = filter;
          const all = [...this.rows.flatMap((row) => row.view.escalations), ...this.past];
          const data = all.filter(
            (one) =>
              (filter.onboarding_id ?? one.onboarding_id) === one.onboarding_id &&
              (filter.status !== 'unresolved' || one.status !== 'resolved'),
          );
          return { data, next_cursor: null };
        },
        escalation: async (id) => {
          const row = this.rows.find((one) => one.view.escalations.some((escalation) => escalation.id === id));
          const view = row?.view.escalations.find((one) => one.id === id) ?? this.past.find((one) => one.id === id);
          return view && { key: row?.key ?? keyOf(view.onboarding_id), view };
        },
        log: async () => this.log,
      },
      events: {
        events: async (filter) => {
          this.filters.events = filter;
          return { data: this.archive, next_cursor: null };
        },
        event: async (ref) => this.archive.find((event) => event.seq === ref || event.eventId === ref),
        eventsOf: async (id) => this.archive.filter(({ route }) => route && workflowId(route.to, route.key) === id),
      },
      rebuild: {
        onboarding: {
          look: async (key) => ({ ...LOOK, rebuilt: anOnboarding(key.id) }),
          carryOut: async (_key, { confirm }) => {
            if (confirm !== LOOK.confirm) throw new RebuildRefusal('RebuildOutdated', 'Something has happened since.');
            return LOOK;
          },
        },
        start: async () => void this.told.push('rebuild'),
        progress: async () => ({ running: true, rebuilt: 12, unanswered: 1, examples: ['onboarding/main/onb_9'] }),
      },
      rejections: { rejections: async () => ({ data: this.turnedAway, next_cursor: null }) },
      inbox: { redeliver: async (seq) => this.redelivered.push(seq) > 0 },
      policies: {
        current: async () => this.published.at(-1)?.stored,
        byHash: async (hash) => this.published.find(({ stored }) => stored.hash === hash)?.stored,
        publish: async (stored) => void this.published.push({ stored, at: NOW }),
        history: async () => this.published.map(({ stored, at }) => ({ hash: stored.hash, publishedAt: at })).reverse(),
      },
      gateway: {
        view: async (key) => this.live.get(workflowId('onboarding', key)),
        act: async (key, action, updateId) => {
          this.asked.push({ key, action, updateId });
          const escalation = this.answer(key, action);
          const others = this.rows.flatMap((row) => row.view.escalations).filter((one) => one.id !== escalation.id);
          return { escalation, others };
        },
        hold: async (key, action, updateId) => {
          this.asked.push({ key, action, updateId });
          const row = this.rows.find((one) => one.key.id === key.id);
          if (!row) throw new GatewayRefusal('UnknownOnboarding', 'There is no such onboarding.');
          return row.view;
        },
        publishPolicy: async (hash) => void this.told.push(hash),
      },
      audit: {
        entries: async (filter) => {
          if (filter.cursor !== undefined) throw new InvalidCursor(filter.cursor);
          const fits = this.audited.filter(
            (one) =>
              (filter.actor ?? one.actor) === one.actor &&
              (filter.action ?? one.action) === one.action &&
              (filter.subject ?? one.subject) === one.subject &&
              (filter.since ?? 0) <= one.at,
          );
          return { data: fits.map((one, n) => ({ ...one, seq: String(n + 1) })).reverse(), next_cursor: null };
        },
      },
      care: {
        runRetention: async () => void this.cared.push('retention'),
        nextRetention: async () => NOW + DAY,
        resumeErasure: async (id) => void this.cared.push(id),
      },
      erasures: {
        ask: async ({ subject, by, reason }) => {
          const isCustomer = subject.kind === 'customer';
          return this.erasure({
            kind: subject.kind,
            customerId: isCustomer ? subject.customerId : null,
            contactId: isCustomer ? null : (subject.contactId ?? null),
            by,
            reason,
          });
        },
        find: async (id) => this.erasures.find((one) => one.id === id),
        list: async () => ({ data: this.erasures.toReversed(), next_cursor: null }),
      },
      changes: {
        begin: async ({ repeat }) => {
          const id = repeat?.request ?? randomUUID();
          const known = this.changes.get(id);
          if (known && known.body !== repeat?.body) return { state: 'another_body' };
          if (known) return known.done ? { state: 'done', answer: known.answer } : { state: 'under_way' };
          this.changes.set(id, { body: repeat?.body ?? '', done: false, answer: null });
          return { state: 'begun', ticket: id };
        },
        conclude: async (ticket, entry, answer) => {
          this.audited.push(entry);
          this.changes.set(ticket, { body: this.changes.get(ticket)?.body ?? '', done: true, answer });
        },
        release: async (ticket, entry) => {
          this.changes.delete(ticket);
          if (entry) this.audited.push(entry);
        },
      },
      tokens: {
        create: async ({ name, role, expiresAt }) => {
          if (this.tokens.some(({ record }) => record.name === name && record.revokedAt === null))
            throw new TokenNameTaken(`There is a token ${name} already.`);
          const token = this.token(name, role);
          const made = this.tokens.at(-1);
          if (!made) throw new Error('made');
          made.record = { ...made.record, expiresAt };
          return { token, record: made.record };
        },
        list: async () => this.tokens.map(({ record }) => record),
        revoke: async (ref) => {
          const found = this.tokens.find(({ record }) => record.id === ref || record.name === ref);
          if (found) found.record = { ...found.record, revokedAt: found.record.revokedAt ?? NOW };
          return found?.record;
        },
        authenticate: async (token) =>
          this.tokens.find((one) => one.token === token && one.record.revokedAt === null)?.record,
      },
      webhooks: this.webhooks,
      outboundTarget: (url) => (url.includes('private') ? 'That address is private: take a public one.' : null),
      trustedProxies: 0,
      workspaces: () => ['main', 'emea'],
      validatePolicy: (source) =>
        source.includes('workspace:')
          ? { ok: true, policy: { ...POLICY, hash: createHash('sha256').update(source).digest('hex').slice(0, 12) } }
          : {
              ok: false,
              problems: [
                { line: 3, column: 5, path: 'ladders.nudge[0].after', message: '"soon" is no length of time' },
              ],
            },
      why: async (_key, at) => ({
        at,
        why: [
          { about: 'stuck_in_phase', fires: true, text: 'In uat for 6 working days; 5 are allowed.', dueAt: null },
          { about: 'no_activity', fires: false, text: 'Silent while stuck_in_phase holds.', dueAt: NOW + DAY },
        ],
        wake: { at: NOW + DAY, cause: 'stuck_in_phase/uat', label: 'Stuck in uat: level 2 due' },
      }),
      status: async () => STATUS,
      metricsText: async () => '# TYPE slipway_inbox_pending gauge\nslipway_inbox_pending 0\n',
      temporalUrl: (id) => `http://127.0.0.1:8233/namespaces/slipway/workflows/${encodeURIComponent(id)}`,
      links: () => [{ label: 'Temporal UI', url: 'http://127.0.0.1:8233' }],
      version: '0.1.0',
      now: () => NOW,
      observer: {
        ...SILENT,
        log: (_level, message, fields) => void this.logged.push(`${message} ${JSON.stringify(fields)}`),
      },
      ...more,
    };
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
  /** As loose as `JSON.parse`: tests look into it, and fail where it is another. */
  readonly json: ReturnType<typeof JSON.parse>;
}

export interface Served {
  readonly url: string;
  /** Sends exactly these headers, `Host` included, which `fetch` would not. */
  request(method: string, path: string, options?: { headers?: Record<string, string>; body?: string }): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

/** The real application on a real port. */
export async function serve(deps: ApiDeps): Promise<Served> {
  const server = http.createServer(createApi(deps));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const request: Served['request'] = (method, path, { headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const length: Record<string, string> =
        body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const sent = http.request(
        { port, host: '127.0.0.1', method, path, headers: { ...length, ...headers }, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => resolve(answer(response, Buffer.concat(chunks).toString('utf8'))));
        },
      );
      sent.on('error', reject).end(body);
    });
  return {
    url: `http://127.0.0.1:${port}`,
    request,
    get: (path) => request('GET', path),
    post: (path, body, headers = {}) =>
      request('POST', path, {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: http.IncomingMessage, text: string): Answer {
  const isJson = response.headers['content-type']?.startsWith('application/json') ?? false;
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}
