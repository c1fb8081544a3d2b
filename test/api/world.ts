import { createHash, randomUUID } from 'node:crypto';
import type { ApiDeps } from '../../src/api/deps.js';
import { TokenNameTaken, type TokenRecord } from '../../src/contracts/access.js';
import type { AuditEntry } from '../../src/contracts/audit.js';
import type { Erasure } from '../../src/contracts/care.js';
import { GatewayRefusal } from '../../src/contracts/gateway.js';
import { workflowId } from '../../src/contracts/ids.js';
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
import { RebuildRefusal } from '../../src/contracts/rebuild.js';
import { InvalidCursor } from '../../src/contracts/read-model.js';
import type { Action } from '../../src/domain/escalation/action.js';
import type { EntityKey } from '../../src/domain/event/key.js';
import type { LogEntry } from '../../src/domain/onboarding/log.js';
import type { EscalationView, OnboardingView } from '../../src/domain/onboarding/present.js';
import { MemoryWebhooks } from './webhooks/memory-webhooks.js';

import { DAY, LOOK, NOW, POLICY, STATUS, keyOf, anOnboarding } from './views.js';

interface Asked {
  readonly key: EntityKey;
  readonly action: Action;
  readonly updateId: string | undefined;
}

const NOT_YET = 'Not yet: target 2026-12-01 near on Tue 24 Nov 10:00 UTC if nothing changes.';

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
          {
            about: 'stuck_in_phase',
            fires: true,
            text: 'In uat for more than 5 working days: open, level 1.',
            dueAt: null,
          },
          { about: 'target_near', fires: false, text: NOT_YET, dueAt: NOW + DAY },
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
