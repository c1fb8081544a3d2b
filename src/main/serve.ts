import type { Gateway } from '../contracts/gateway.js';
import type { Observer } from '../contracts/observer.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { EndpointWaker } from '../dispatch/endpoint-waker.js';
import type { Clock } from '../domain/time/clock.js';
import type { Store } from '../store/store.js';
import { announceOnce } from './announce-policy.js';
import { listenAt, type places } from './edge-ports.js';
import { keepCurrent } from './keep-current.js';
import type { PolicyInForce } from './policy-in-force.js';
import { policyWarnings } from './policy-warnings.js';
import { createConsole } from './serve-console.js';
import { createEdge, keepHeartbeat } from './serve-edge.js';
import type { Settings } from './settings.js';
import type { Sources } from './source-secrets.js';
import { StatesSeen } from './states-seen.js';
import type { Teardown } from './teardown.js';
import type { TemporalLink } from './temporal-side.js';

export interface ServeDeps {
  readonly settings: Settings;
  readonly at: ReturnType<typeof places>;
  readonly startedAt: number;
  readonly clock: Clock;
  readonly store: Store;
  readonly gateway: Gateway;
  readonly temporal: TemporalLink;
  /** Why the Temporal server cannot be used though it answers; null where it can. */
  readonly temporalProblem: () => string | null;
  /** What a start that takes events already still waits for; null once it is ready. Absent where there is nothing. */
  readonly starting?: () => string | null;
  readonly inForce: PolicyInForce;
  readonly sources: Sources;
  readonly dispatcher: Dispatcher;
  readonly waker: EndpointWaker;
  readonly warnings: () => readonly string[];
  readonly metricsText: () => Promise<string>;
  readonly observer: Observer;
}

export interface Served {
  readonly edgeUrl: string;
  readonly consoleUrl: string;
  /** What was told of the policy as it is in force now. */
  readonly warnings: readonly string[];
}

/** Opens the edge and the console, and keeps up with what other processes change, until the teardown. */
export async function serve(deps: ServeDeps, teardown: Teardown): Promise<Served> {
  const { at, store, observer, inForce, sources, gateway, waker } = deps;
  const states = await StatesSeen.load(store.meta);
  // Begun first, so that at a stop they end after the ports are closed: a look that hangs holds up no sender.
  teardown.add(
    'followers',
    keepCurrent(observer, async () => {
      sources.refresh();
      await inForce.refresh();
      await announceOnce(store.meta, gateway, inForce.hash());
    }),
  );
  await keepHeartbeat({ store, waker, observer }, teardown);
  const edge = await listenAt(at.edge, createEdge({ ...deps, states }));
  teardown.add('edge', () => edge.close());
  const edgeUrl = `http://127.0.0.1:${edge.port}`;
  const console_ = await listenAt(at.console, createConsole({ ...deps, states, edgeUrl }));
  teardown.add('console', () => console_.close());
  const warnings = policyWarnings(inForce.file(), states);
  for (const warning of warnings) observer.log('warn', warning);
  return { edgeUrl, consoleUrl: `http://127.0.0.1:${console_.port}`, warnings };
}
