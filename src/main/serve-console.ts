import type { Express } from 'express';
import { createApi } from '../api/app.js';
import type { ApiDeps, Link, PolicyReading } from '../api/deps.js';
import type { Gateway } from '../contracts/gateway.js';
import type { Observer } from '../contracts/observer.js';
import { workspacesOf } from '../domain/policy/workspaces.js';
import { type Clock, toVirtual } from '../domain/time/clock.js';
import { readTarget, TargetForbidden } from '../outbound/target-guard.js';
import { loadNewPolicy } from '../policy-file/load.js';
import { TASK_QUEUE } from '../contracts/task-queue.js';
import type { Store } from '../store/store.js';
import { createCareGateway } from '../temporal/care.js';
import { createPayloadDesk } from '../temporal/payload-desk.js';
import { remembering } from './announce-policy.js';
import { ownIngress } from './edge-ports.js';
import { createWhy } from './explain-why.js';
import type { PolicyInForce } from './policy-in-force.js';
import { createRebuilding } from './rebuilding.js';
import type { Settings } from './settings.js';
import type { Sources } from './source-secrets.js';
import type { StatesSeen } from './states-seen.js';
import { createStatus } from './status.js';
import type { TemporalLink } from './temporal-side.js';
import { VERSION } from './version.js';

export interface ConsoleDeps {
  readonly settings: Settings;
  readonly startedAt: number;
  readonly clock: Clock;
  readonly store: Store;
  readonly gateway: Gateway;
  readonly temporal: TemporalLink;
  readonly inForce: PolicyInForce;
  readonly sources: Sources;
  readonly states: StatesSeen;
  readonly warnings: () => readonly string[];
  readonly metricsText: () => Promise<string>;
  readonly edgeUrl: string;
  readonly observer: Observer;
}

/** The console port's application. */
export function createConsole(deps: ConsoleDeps): Express {
  const { settings, clock, store, temporal, inForce, sources, observer } = deps;
  const rebuilding = createRebuilding(deps);
  return createApi({
    readModel: store.readModel,
    events: store.events,
    rejections: store.rejections,
    inbox: store.inbox,
    tokens: store.tokens,
    audit: store.audit,
    changes: store.changes,
    care: createCareGateway({ client: temporal.client, taskQueue: TASK_QUEUE, clock }),
    erasures: store.erasures,
    rebuild: {
      onboarding: rebuilding.onboarding,
      start: rebuilding.gateway.startReadModelRebuild,
      progress: rebuilding.gateway.readModelRebuild,
    },
    ...codecOf(temporal),
    webhooks: store.webhooks,
    outboundTarget: (url) => refusalOf(url, settings),
    policies: inForce.policies,
    gateway: remembering(deps.gateway, store.meta),
    workspaces: () => workspacesOf(inForce.file().sources),
    validatePolicy: validated,
    why: createWhy({ events: store.events, readModel: store.readModel, policies: store.policies, clock }),
    status: createStatus({ ...deps, version: VERSION, storeKind: settings.databaseUrl ? 'external' : 'embedded' }),
    metricsText: deps.metricsText,
    temporalUrl: (workflowId) =>
      temporal.uiUrl
        ? `${temporal.uiUrl}/namespaces/${temporal.settings.namespace}/workflows/${encodeURIComponent(workflowId)}`
        : null,
    links: () => links(deps.edgeUrl, sources.all()[0]?.name, temporal.uiUrl),
    ...(settings.apiToken ? { token: settings.apiToken } : {}),
    trustedProxies: settings.trustedProxies,
    version: VERSION,
    now: () => toVirtual(clock, Date.now()),
    observer,
  });
}

/** Pages of the Temporal UI that people are pointed to may have payloads read to them. */
function codecOf({ payloads, uiUrl }: TemporalLink): Pick<ApiDeps, 'codec'> {
  if (!payloads) return {};
  const uiOrigin = uiUrl === null ? undefined : new URL(uiUrl).origin;
  return { codec: { desk: createPayloadDesk(payloads.payloadCodecs[0]), uiOrigin } };
}

/** Why nothing may be sent there, in words; null where it may. */
function refusalOf(url: string, settings: Settings): string | null {
  try {
    readTarget(url, settings.allowPrivateTargets, ownIngress(settings));
    return null;
  } catch (error) {
    if (error instanceof TargetForbidden) return error.message;
    throw error;
  }
}

function validated(source: string): PolicyReading {
  const loaded = loadNewPolicy(source, Date.now());
  return loaded.ok ? { ok: true, policy: loaded.file.policy } : { ok: false, problems: loaded.errors };
}

function links(edgeUrl: string, source: string | undefined, temporalUiUrl: string | null): readonly Link[] {
  return [
    ...(source ? [{ label: 'Webhooks in', url: `${edgeUrl}/webhooks/${source}` }] : []),
    { label: 'Edge health', url: `${edgeUrl}/readyz` },
    ...(temporalUiUrl ? [{ label: 'Temporal UI', url: temporalUiUrl }] : []),
  ];
}
