import { sql } from 'kysely';
import type { TokenStore } from '../contracts/access.js';
import type { AuditLog, ChangeLedger } from '../contracts/audit.js';
import type { ErasureStore, RetentionStore } from '../contracts/care.js';
import type { Inbox, RejectionLog } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import type { RebuildStore } from '../contracts/rebuild.js';
import type { EventReads, Gate, PolicyStore, ReadModel, RejectionReads, SendLedger } from '../contracts/read-model.js';
import { StoredAudit } from './audit.js';
import { type Connections, openConnections } from './connections.js';
import { StoredErasures } from './erase/erasures.js';
import { StoredEvents } from './events.js';
import { StoredGate } from './gate.js';
import { Heartbeat } from './heartbeats.js';
import { StoredChanges } from './idempotency.js';
import { StoredInbox } from './inbox.js';
import { Meta } from './meta.js';
import { isMigrated, migrate } from './migrate.js';
import { newestBySource } from './newest.js';
import { StoredPolicies } from './policies.js';
import { openReadModel } from './read-model.js';
import { StoredRebuilds } from './rebuild.js';
import { StoredRejections } from './rejections.js';
import { RepeatCount } from './repeats.js';
import { StoredRetention } from './retention.js';
import { StoredSends } from './sends.js';
import { SourceOrgs } from './source-orgs.js';
import { StoredTokens } from './tokens.js';

export interface StoreSettings {
  /** A PostgreSQL 14 or newer: `postgres://…`. */
  readonly url: string;
  readonly observer: Observer;
  /** New at each start: rows leased to it are free for others once it is gone. */
  readonly serverId: string;
  /** Real epoch ms; tests move it. */
  readonly now?: () => number;
}

/** Everything that is kept, over one PostgreSQL. Nothing connects before it is used. */
export interface Store {
  readonly inbox: Inbox;
  readonly events: EventReads;
  readonly rejections: RejectionLog & RejectionReads;
  readonly readModel: ReadModel;
  readonly sends: SendLedger;
  readonly gate: Gate;
  readonly policies: PolicyStore;
  readonly meta: Meta;
  readonly tokens: TokenStore;
  readonly audit: AuditLog;
  readonly changes: ChangeLedger;
  readonly retention: RetentionStore;
  readonly erasures: ErasureStore;
  readonly rebuilds: RebuildStore;
  /** The orgs that each source has spoken for, by first sight. */
  orgs(): Promise<readonly { source: string; org: string; firstSeenAt: number }[]>;
  /** When the newest event of each source was received, real epoch ms. */
  newest(): Promise<readonly { source: string; receivedAt: number }[]>;
  /** Brings the tables up to date; called before anything else is, by however many processes. */
  migrate(): Promise<void>;
  /** Writable and migrated, for `/readyz`; never throws. */
  readiness(): Promise<{ readonly ready: true } | { readonly ready: false; readonly why: string }>;
  /** Answers whom it has taken in, then lets go of every connection. */
  close(): Promise<void>;
}

export function openStore({ url, observer, serverId, now = Date.now }: StoreSettings): Store {
  const connections = openConnections(url, observer);
  const { db, relaxed, accepting } = connections;
  const rejections = new StoredRejections(relaxed, observer);
  const orgs = new SourceOrgs(relaxed);
  const inbox = new StoredInbox({
    accepting,
    relaxed,
    serverId,
    heartbeat: new Heartbeat(relaxed, serverId, now),
    repeats: new RepeatCount(relaxed, observer),
    orgs,
    now,
  });
  return {
    inbox,
    rejections,
    events: new StoredEvents(db),
    readModel: openReadModel(db, now),
    sends: new StoredSends(db, now),
    gate: new StoredGate(db, now),
    policies: new StoredPolicies(db, now),
    meta: new Meta(db),
    tokens: new StoredTokens(db, now),
    audit: new StoredAudit(db),
    changes: new StoredChanges(db, serverId, now),
    retention: new StoredRetention(db),
    erasures: new StoredErasures(db, now),
    rebuilds: new StoredRebuilds(db, relaxed, now),
    orgs: () => orgs.all(),
    newest: () => newestBySource(db),
    migrate: () => migrate(url, observer),
    readiness: () => readiness(connections),
    close: async () => {
      await inbox.close();
      await rejections.flush();
      await connections.close();
    },
  };
}

async function readiness({ db }: Connections): Promise<{ ready: true } | { ready: false; why: string }> {
  try {
    const { rows } = await sql<{
      read_only: string;
    }>`select current_setting('transaction_read_only') as read_only`.execute(db);
    if (rows[0]?.read_only !== 'off') return { ready: false, why: 'The store is read-only.' };
    if (!(await isMigrated(db)))
      return { ready: false, why: 'The store has not been migrated yet: run `slipway migrate`.' };
    return { ready: true };
  } catch (error) {
    return {
      ready: false,
      why: `The store does not answer: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
