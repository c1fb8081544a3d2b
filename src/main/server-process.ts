import { keepDispatching, type Dispatching } from './keep-dispatching.js';
import { canBeHad, places } from './edge-ports.js';
import { wakeEndpoints } from './endpoints.js';
import { variablesOf } from './environment.js';
import { join, sharedPlaces } from './joint.js';
import { observe } from './observe.js';
import { serve } from './serve.js';
import { dispatcherOf } from './serve-edge.js';
import type { Environment, Settings } from './settings.js';
import { Sources } from './source-secrets.js';
import { untilStopped } from './stop-signal.js';
import { Teardown } from './teardown.js';
import { VERSION } from './version.js';
import { openWaitingRoom } from './waiting-room.js';
import { watchOver } from './watch-over.js';

export interface ProcessOptions {
  readonly settings: Settings;
  readonly env: Environment;
  readonly stopping: AbortSignal;
}

/**
 * `slipway server`: edge, dispatcher and console, as one of any number over one store. Both ports answer from the
 * start; events are taken as soon as the store is there, signalled as soon as Temporal is. Resolves when it has
 * stopped. Throws `SettingError` for settings that no waiting mends.
 */
export async function runServer({ settings, env, stopping }: ProcessOptions): Promise<void> {
  const startedAt = Date.now();
  const shared = sharedPlaces(settings, 'server');
  const at = places(settings);
  for (const place of [at.edge, at.console]) await canBeHad(place);
  const teardown = new Teardown();
  const observation = await observe(env, settings.logLevel, undefined, teardown);
  const { observer } = observation;
  let why = 'it has just started.';
  const rooms = await Promise.all([at.edge, at.console].map((place) => openWaitingRoom(place, () => why)));
  const leave = () => Promise.all(rooms.map((room) => room.close()));
  teardown.add('waiting rooms', leave);
  try {
    const patience = { observer, stopping, waiting: (text: string) => (why = text) };
    const joint = await join(settings, env, shared, observer, patience, teardown);
    watchOver(observation, joint);
    const sources = new Sources({
      settings: () => joint.inForce.file().sources,
      variable: variablesOf(env),
      warn: (message) => observer.log('warn', message),
    });
    const dispatcher = dispatcherOf({ ...joint, observer }, false);
    teardown.add('dispatcher', () => dispatcher.stop());
    const waker = wakeEndpoints({ ...joint, observer }, teardown);
    const dispatching: Dispatching = keepDispatching({ ...joint, dispatcher, waker, observer }, stopping);
    teardown.add('Temporal', () => dispatching.ended);
    await leave();
    await serve(
      {
        ...joint,
        settings,
        at,
        startedAt,
        temporalProblem: dispatching.problem,
        sources,
        dispatcher,
        waker,
        warnings: () => [...joint.warnings, ...dispatching.warnings()],
        metricsText: observation.metricsText,
        observer,
      },
      teardown,
    );
    observer.log('info', 'slipway server serves', { version: VERSION, edge: at.edge.port, console: at.console.port });
    await untilStopped(stopping);
  } catch (error) {
    if (!stopping.aborted) throw error;
  } finally {
    await teardown.run((name, error) =>
      observer.log('error', `stopping the ${name} failed`, { reason: String(error) }),
    );
  }
  observer.log('info', 'slipway server has stopped');
}
