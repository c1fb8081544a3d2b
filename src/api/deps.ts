import type { TokenStore } from '../contracts/access.js';
import type { StatusView } from '../contracts/api.js';
import type { AuditLog, ChangeLedger } from '../contracts/audit.js';
import type { CareGateway, ErasureStore } from '../contracts/care.js';
import type { PayloadDesk } from '../contracts/codec.js';
import type { Gateway } from '../contracts/gateway.js';
import type { Inbox } from '../contracts/inbox.js';
import type { Observer } from '../contracts/observer.js';
import type { OnboardingRebuild, RebuildGateway } from '../contracts/rebuild.js';
import type { EventReads, PolicyStore, ReadModel, RejectionReads } from '../contracts/read-model.js';
import type { Webhooks } from '../contracts/webhooks.js';
import type { Reason, Wake } from '../domain/decision.js';
import type { EntityKey } from '../domain/event/key.js';
import type { Policy } from '../domain/policy/policy.js';

/** Everything the console API needs; `main` supplies it. */
export interface ApiDeps {
  readonly readModel: Pick<ReadModel, 'onboarding' | 'onboardings' | 'escalation' | 'escalations' | 'log'>;
  readonly events: EventReads;
  readonly rejections: RejectionReads;
  readonly inbox: Pick<Inbox, 'redeliver'>;
  readonly policies: PolicyStore;
  readonly gateway: Pick<Gateway, 'act' | 'hold' | 'view' | 'publishPolicy'>;
  /** Of the sources, in the order in which they answer for an id that several hold. Not empty. */
  readonly workspaces: () => readonly string[];
  readonly validatePolicy: (source: string) => PolicyReading;
  /** Rules in words at an instant (virtual epoch ms); undefined where nothing is known of the onboarding. */
  readonly why: (key: EntityKey, at: number) => Promise<Explanation | undefined>;
  readonly status: () => Promise<StatusView>;
  /** The metrics in Prometheus' text format. */
  readonly metricsText: () => Promise<string>;
  /** Where to look at a workflow in the Temporal UI; null where no UI is known. */
  readonly temporalUrl: (workflowId: string) => string | null;
  /** URLs outside the console that are worth knowing: the webhook endpoint, the Temporal UI. */
  readonly links: () => readonly Link[];
  readonly audit: Pick<AuditLog, 'entries'>;
  readonly changes: ChangeLedger;
  readonly tokens: TokenStore;
  /** Making anew: one onboarding, and the read model. */
  readonly rebuild: {
    readonly onboarding: OnboardingRebuild;
    readonly start: RebuildGateway['startReadModelRebuild'];
    readonly progress: RebuildGateway['readModelRebuild'];
  };
  readonly care: Pick<CareGateway, 'runRetention' | 'nextRetention' | 'resumeErasure'>;
  readonly erasures: Pick<ErasureStore, 'ask' | 'find' | 'list'>;
  /** Outgoing webhooks. */
  readonly webhooks: Webhooks;
  /** Null where an endpoint may have this URL, else why not, in a sentence. Addresses are looked at again at every call. */
  readonly outboundTarget: (url: string) => string | null;
  /** Where payloads are encrypted: who reads them, and for pages of which origin. */
  readonly codec?: { readonly desk: PayloadDesk; readonly uiOrigin: string | undefined };
  /**
   * `SLIPWAY_API_TOKEN`, the admin before there are named tokens; where it is set, every route but `/` and
   * `/openapi.json` wants it or a named one.
   */
  readonly token?: string;
  /** How many proxies stand before the console, each adding to `X-Forwarded-For`; 0 where it is reached directly. */
  readonly trustedProxies: number;
  /** Slipway's own version, for the OpenAPI document. */
  readonly version: string;
  /** Virtual epoch ms. */
  readonly now: () => number;
  readonly observer: Observer;
}

export interface Explanation {
  readonly at: number;
  readonly why: readonly Reason[];
  readonly wake: Wake | null;
}

export type PolicyReading =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

export interface PolicyProblem {
  readonly line: number;
  readonly column: number;
  /** Keys down to the wrong value, e.g. `ladders.nudge[0].after`. */
  readonly path: string;
  readonly message: string;
}

export interface Link {
  readonly label: string;
  readonly url: string;
}
