import type { StatusView } from '../contracts/api.js';
import type { Gateway } from '../contracts/gateway.js';
import type { IngressSource } from '../ingress/receive.js';
import type { Store } from '../store/store.js';
import { type Clock, toVirtual } from '../domain/time/clock.js';
import { endpointWarnings } from './endpoint-warnings.js';
import type { PolicyInForce } from './policy-in-force.js';
import { policyWarnings } from './policy-warnings.js';
import type { Sources } from './source-secrets.js';
import type { StatesSeen } from './states-seen.js';
import type { TemporalLink } from './temporal-side.js';

export interface StatusDeps {
  readonly version: string;
  readonly startedAt: number;
  readonly clock: Clock;
  readonly store: Store;
  readonly storeKind: 'embedded' | 'external';
  readonly gateway: Pick<Gateway, 'health'>;
  readonly temporal: TemporalLink;
  readonly sources: Sources;
  readonly inForce: PolicyInForce;
  readonly states: StatesSeen;
  readonly warnings: () => readonly string[];
}

/** How this Slipway is, for `GET /api/v1/status`; a part that does not answer is shown as such. */
export function createStatus(deps: StatusDeps): () => Promise<StatusView> {
  return async () => {
    const [health, readiness, depth, orgs, stored, history, endpoints] = await Promise.all([
      deps.gateway.health(),
      deps.store.readiness(),
      deps.store.inbox.depth().catch(() => null),
      deps.store.orgs().catch(() => []),
      deps.inForce.policies.current().catch(() => undefined),
      deps.inForce.policies.history(1).catch(() => []),
      endpointWarnings(deps.store.webhooks.endpoints),
    ]);
    const orgsOf = (source: string) => orgs.filter((one) => one.source === source).map((one) => one.org);
    const [published] = history;
    const sources = deps.sources.all();
    return {
      version: deps.version,
      started_at: new Date(deps.startedAt).toISOString(),
      clock: { now: new Date(toVirtual(deps.clock, Date.now())).toISOString(), speed: deps.clock.speed },
      temporal: {
        reachable: health.reachable,
        address: deps.temporal.address,
        namespace: deps.temporal.settings.namespace,
        ui_url: deps.temporal.uiUrl,
        detail: health.detail ?? null,
      },
      store: { reachable: readiness.ready, kind: deps.storeKind, detail: readiness.ready ? null : readiness.why },
      inbox: {
        pending: depth?.pending ?? 0,
        oldest_received_at: depth?.oldestReceivedAt ? new Date(depth.oldestReceivedAt).toISOString() : null,
      },
      sources: sources.map(({ name, mode, workspace }) => ({ name, mode, workspace, orgs: orgsOf(name) })),
      channels: channels(deps.inForce),
      unmapped_states: stored ? deps.states.unmapped(stored.policy) : [],
      policy: stored
        ? { hash: stored.hash, published_at: published ? new Date(published.publishedAt).toISOString() : null }
        : null,
      warnings: [
        ...deps.sources.problems(),
        ...deps.inForce.channels().problems,
        ...policyWarnings(deps.inForce.file(), deps.states),
        ...deps.warnings(),
        ...orgWarnings(sources, orgsOf),
        ...endpoints,
      ],
    };
  };
}

function channels(inForce: PolicyInForce): StatusView['channels'] {
  const { channels: made, problems } = inForce.channels();
  return [...made].map(([name, channel]) => ({
    name,
    type: channel.type,
    problem: problems.find((one) => one.startsWith(`Channel ${name} `)) ?? null,
  }));
}

/** A source that speaks for two orgs mixes two senders in one workspace. */
function orgWarnings(sources: readonly IngressSource[], orgsOf: (source: string) => string[]): string[] {
  return sources
    .filter(({ name }) => orgsOf(name).length > 1)
    .map(
      ({ name }) =>
        `Source ${name} speaks for more than one org (${orgsOf(name).join(', ')}): give each sender a source of its own.`,
    );
}
