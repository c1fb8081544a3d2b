import type { StatusView } from '../../src/contracts/api.js';
import { workflowId } from '../../src/contracts/ids.js';
import { escalationIdOf } from '../../src/domain/escalation/escalation-id.js';
import type { StoredEvent } from '../../src/contracts/read-model.js';
import { type RebuildLook } from '../../src/contracts/rebuild.js';
import type { EntityKey } from '../../src/domain/event/key.js';
import type { Fact } from '../../src/domain/event/fact.js';
import type { EscalationView, OnboardingView } from '../../src/domain/onboarding/present.js';
import type { Person, Policy } from '../../src/domain/policy/policy.js';

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
    reason: 'In uat for more than 5 working days',
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
