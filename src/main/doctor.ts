import type { Observations, Unseen } from '../doctor/observations.js';
import { isEdge, lookAtConsole } from './doctor-console.js';
import { lookAtDataDirectory, lookAtPort } from './doctor-places.js';
import { lookAtChannels, lookAtPolicy, lookAtSources } from './doctor-policy.js';
import { lookAtStore, lookAtTemporal } from './doctor-servers.js';
import { places } from './edge-ports.js';
import { variablesOf } from './environment.js';
import { type Environment, readSettings, SettingError, type Settings } from './settings.js';
import { consoleUrl } from './stories.js';

/** Looks at everything `slipway doctor` judges, with Slipway up or down, and changes nothing. `env` is the whole environment. */
export async function observe(env: Environment): Promise<Observations> {
  const now = Date.now();
  try {
    const settings = readSettings(env);
    places(settings);
    return await look(settings, env, now);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    return unreadable(error.message, env, now);
  }
}

async function look(settings: Settings, env: Environment, now: number): Promise<Observations> {
  const variable = variablesOf(env);
  const at = places(settings);
  const [console, { seen: store, inForce }, temporal] = await Promise.all([
    lookAtConsole(consoleUrl(env), settings.apiToken),
    lookAtStore(settings, now),
    lookAtTemporal(settings, env),
  ]);
  const { seen: policy, file } = lookAtPolicy(settings, inForce, now);
  const isOurs = console.state === 'up' || console.state === 'locked';
  return {
    now,
    settings: null,
    console,
    dataDirectory: settings.databaseUrl && settings.temporalAddress ? null : lookAtDataDirectory(settings.dataDir),
    sources: file ? lookAtSources(file, settings, variable) : [],
    ports: [
      await lookAtPort(at.edge, () => isEdge(at.edge.port)),
      await lookAtPort(at.console, () => Promise.resolve(isOurs)),
    ],
    store,
    temporal,
    policy,
    channels: file ? await lookAtChannels(file, settings, variable) : null,
  };
}

/** What is left to say where the environment makes no sense. */
async function unreadable(problem: string, env: Environment, now: number): Promise<Observations> {
  const unseen: Unseen = { unseen: 'Not looked at: the environment cannot be read.', expected: true };
  return {
    now,
    settings: problem,
    console: await lookAtConsole(consoleUrl(env), env.SLIPWAY_API_TOKEN),
    dataDirectory: null,
    sources: [],
    ports: [],
    store: unseen,
    temporal: unseen,
    policy: null,
    channels: null,
  };
}
