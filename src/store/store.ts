import type { TokenStore } from '../contracts/access.js';
import type { AuditLog, ChangeLedger } from '../contracts/audit.js';
import type { ErasureStore, RetentionStore } from '../contracts/care.js';
import type { DeliveryQueue, WakesWanted } from '../contracts/delivery.js';
import type { Inbox, RejectionLog } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import type { RebuildStore } from '../contracts/rebuild.js';
import type { EventReads, Gate, PolicyStore, ReadModel, RejectionReads, SendLedger } from '../contracts/read-model.js';
import type { EndpointKey, EndpointReport, Webhooks } from '../contracts/webhooks.js';
import { StoredAudit } from './audit.js';
import { openConnections } from './connections.js';
import { StoredErasures } from './erase/erasures.js';
import { StoredEvents } from './events.js';
import { StoredGate } from './gate.js';
import { Heartbeat } from './heartbeats.js';
import { StoredChanges } from './idempotency.js';
import { StoredInbox } from './inbox.js';
import { Meta } from './meta.js';
import { migrate } from './migrate.js';
import { newestBySource } from './newest.js';
import { StoredPolicies } from './policies.js';
import { openReadModel } from './read-model.js';
import { type Ready, StoreReadiness } from './readiness.js';
import { StoredRebuilds } from './rebuild.js';
import { StoredRejections } from './rejections.js';
import { RepeatCount } from './repeats.js';
import { StoredRetention } from './retention.js';
import { StoredSends } from './sends.js';
import { SourceOrgs } from './source-orgs.js';
import { StoredTokens } from './tokens.js';
import { Settling } from './webhooks/emission.js';
import { MessageIntake } from './webhooks/intake.js';
import { QueueListener } from './webhooks/listen.js';
import { StoredQueue } from './webhooks/queue.js';
import { SecretBox } from './webhooks/secret-box.js';
import { EndpointSecrets } from './webhooks/secrets.js';
import { wakesWanted } from './webhooks/wakes.js';
import { openWebhooks } from './webhooks/webhooks.js';

export interface StoreSettings {
  /** A PostgreSQL 14 or newer: `postgres://…`. */
  readonly url: string;
  readonly observer: Observer;
  /** New at each start: rows leased to it are free for others once it is gone. */
  readonly serverId: string;
  /** Real epoch ms; tests move it. */
  readonly now?: () => number;
  /** Virtual epoch ms; that of the real clock where it is not given. */
  readonly virtualNow?: () => number;
  /** 32 bytes: endpoints' secrets are kept encrypted with it. Without it none can be made or called. */
  readonly secretKey?: Buffer;
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
  readonly webhooks: Webhooks & { readonly endpoints: EndpointReport };
  readonly deliveries: DeliveryQueue;
  readonly wakes: WakesWanted;
  /** Told, after the commit, of endpoints of which this process ended the sleep: their workflows are to be woken. */
  onWake(listener: (endpoints: readonly EndpointKey[]) => void): void;
  /** The orgs that each source has spoken for, by first sight. */
  orgs(): Promise<readonly { source: string; org: string; firstSeenAt: number }[]>;
  /** When the newest event of each source was received, real epoch ms. */
  newest(): Promise<readonly { source: string; receivedAt: number }[]>;
  /** Brings the tables up to date; called before anything else is, by however many processes. */
  migrate(): Promise<void>;
  /** Writable and migrated, for `/readyz`; never throws. */
  readiness(): Promise<Ready>;
  /** Answers whom it has taken in, then lets go of every connection. */
  close(): Promise<void>;
}

export function openStore({
  url,
  observer,
  serverId,
  now = Date.now,
  virtualNow = now,
  secretKey,
}: StoreSettings): Store {
  const connections = openConnections(url, observer);
  const { db, relaxed, accepting, intake: taking } = connections;
  const wakers: ((endpoints: readonly EndpointKey[]) => void)[] = [];
  const onWake = (endpoints: readonly EndpointKey[]) => {
    for (const wake of wakers) wake(endpoints);
  };
  const outgoing = { db, now: virtualNow, nowReal: now, onWake };
  const secrets = new EndpointSecrets(db, new SecretBox(secretKey));
  const intake = new MessageIntake({ ...outgoing, intake: taking });
  const listener = new QueueListener(url, observer);
  const rejections = new StoredRejections(relaxed, observer);
  const orgs = new SourceOrgs(relaxed);
  const readiness = new StoreReadiness(connections, serverId);
  const inbox = new StoredInbox({
    accepting,
    tried: (succeeded) => readiness.tried(succeeded),
    relaxed,
    serverId,
    heartbeat: new Heartbeat(relaxed, serverId, now),
    repeats: new RepeatCount(relaxed, observer),
    orgs,
    settling: new Settling({ ...outgoing, db: relaxed }),
  });
  return {
    inbox,
    rejections,
    events: new StoredEvents(db),
    readModel: openReadModel(outgoing),
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
    webhooks: openWebhooks(outgoing, { secrets, intake }),
    deliveries: new StoredQueue(outgoing, secrets, listener),
    wakes: wakesWanted(db, virtualNow),
    onWake: (wake) => {
      wakers.push(wake);
    },
    orgs: () => orgs.all(),
    newest: () => newestBySource(db),
    migrate: () => migrate(url, observer),
    readiness: () => readiness.look(),
    close: async () => {
      await Promise.all([inbox.close(), intake.close(), listener.close()]);
      await rejections.flush();
      await connections.close();
    },
  };
}
