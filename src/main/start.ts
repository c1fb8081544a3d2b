import path from 'node:path';
import type { SourceSettings } from '../domain/policy/policy-file.js';
import { openDataDirectory } from '../embedded/data-directory.js';
import { places, portsCanBeHad } from './edge-ports.js';
import { variablesOf } from './environment.js';
import { observe } from './observe.js';
import { readPolicyFile } from './policy-file-here.js';
import type { Serving } from './serve-here.js';
import type { Environment, Settings } from './settings.js';
import { ownSecret, signingSecret, Sources } from './source-secrets.js';
import { Teardown } from './teardown.js';
import { VERSION } from './version.js';

export interface StartOptions {
  readonly settings: Settings;
  readonly env: Environment;
  /** Makes the workflows anew from the archive where the store came from another Temporal server. */
  readonly rebuild?: boolean;
  readonly progress: (text: string) => void;
  /** Aborted where starting is not wanted any more: it is given up at the next step, and what was started is stopped. */
  readonly stopping?: AbortSignal;
}

/** A Slipway that serves. */
export interface Running extends Serving {
  readonly dataDir: string;
  /** Shown once: the secret that was made because none was set. */
  readonly madeSecret: string | undefined;
  /** Signs for the first source. */
  readonly signingSecret: string | undefined;
  stop(): Promise<void>;
}

/**
 * Brings up everything on this machine, in an order in which nothing is accepted that cannot be kept and nobody is
 * chased before what waits in the inbox was heard. Throws one sentence for people, and where `stopping` is aborted its
 * reason, whatever went wrong meanwhile; then all that was started is stopped.
 */
export async function startSlipway(options: StartOptions): Promise<Running> {
  const teardown = new Teardown();
  try {
    return await bringUp(options, teardown);
  } catch (error) {
    await teardown.run(() => {});
    // A signal to our whole group also reaches a server in the instant it is forked, before it has a group of its own:
    // that it "ended before it was ready" is no news to who asked for the stop.
    options.stopping?.throwIfAborted();
    throw error;
  }
}

async function bringUp(
  { settings, env, rebuild = false, progress, stopping }: StartOptions,
  teardown: Teardown,
): Promise<Running> {
  const startedAt = Date.now();
  const read = readPolicyFile(settings.configFile, startedAt);
  // The directory first: of two starts with the same settings, the second is to hear of the first, and not of its ports.
  const dataDirectory = openDataDirectory(settings.dataDir);
  teardown.add('data directory', () => dataDirectory.release());
  const at = places(settings);
  await portsCanBeHad(at);
  const own = ownSecret(dataDirectory.path);
  const given = variablesOf(env);
  const first = read.file.sources[0]?.secretEnv;
  const variable = (name: string) => given(name) || (name === first ? own.text : undefined);
  const observation = await observe(env, settings.logLevel, path.join(dataDirectory.path, 'slipway.log'), teardown);
  const { observer } = observation;
  let inForce = (): readonly SourceSettings[] => read.file.sources;
  // Before anything is brought up: a secret that cannot be used is told at once.
  const sources = new Sources({
    settings: () => inForce(),
    variable,
    warn: (message) => observer.log('warn', message),
  });
  const dataDir = dataDirectory.path;
  // From here on a second and more of loading, most of it while the servers come up. What is wrong with policy, ports and
  // signing secrets was told without it.
  const { startServers } = await import('./start-servers.js');
  const servers = startServers({ settings, env, dataDir, progress }, teardown);
  const [started, { serveHere }] = await Promise.all([servers, import('./serve-here.js')]);
  stopping?.throwIfAborted();
  const followSources = (current: () => readonly SourceSettings[]): void => {
    inForce = current;
    sources.refresh();
  };
  const serving = await serveHere(
    {
      settings,
      env,
      rebuild,
      progress,
      stopping,
      startedAt,
      at,
      read,
      dataDir,
      variable,
      sources,
      followSources,
      observation,
    },
    started,
    teardown,
  );

  const isOwn = first !== undefined && !given(first);
  if (isOwn) own.keep();
  observer.log('info', 'slipway serves', { version: VERSION, speed: serving.clock.speed });
  return {
    ...serving,
    dataDir,
    madeSecret: isOwn && own.isNew ? own.text : undefined,
    signingSecret: first && signingSecret(variable(first)),
    stop: () =>
      teardown.run((name, error) => observer.log('error', `stopping the ${name} failed`, { reason: String(error) })),
  };
}
