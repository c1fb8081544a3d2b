import path from 'node:path';

/** What the environment says, read once and in one place. */
export interface Settings {
  readonly edgePort: number;
  readonly consolePort: number;
  readonly temporalPort: number | undefined;
  readonly temporalUiPort: number | undefined;
  /** Where the console listens; loopback unless a token guards it. */
  readonly consoleHost: string | undefined;
  /** Health and metrics of a worker that runs as a process of its own. */
  readonly workerPort: number;
  readonly dataDir: string;
  readonly configFile: string | undefined;
  readonly apiToken: string | undefined;
  /** Proxies before both ports, each adding the address it was called from; an address is only told behind so many. */
  readonly trustedProxies: number;
  /** Virtual time runs this many times faster than real time; 1 in production. */
  readonly clockSpeed: number;
  readonly allowPrivateTargets: boolean;
  readonly databaseUrl: string | undefined;
  readonly temporalAddress: string | undefined;
  readonly temporalNamespace: string | undefined;
  /** Where people look at the workflows of a Temporal server of their own; the embedded one's UI is known. */
  readonly temporalUiUrl: string | undefined;
  /** Worker versioning; off unless both are set. */
  readonly deployment: { readonly name: string; readonly buildId: string } | undefined;
  readonly logLevel: LogLevel;
}

export type LogLevel = (typeof LOG_LEVELS)[number];
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that cannot be used: one sentence with what to do, for the terminal. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

/** Reads `SLIPWAY_*`, `DATABASE_URL` and `TEMPORAL_*`; throws `SettingError` at the first one that makes no sense. */
export function readSettings(env: Environment): Settings {
  const clockSpeed = speed(env.SLIPWAY_CLOCK_SPEED);
  if (
    clockSpeed !== 1 &&
    env.PIVOTAL_API_KEY?.startsWith('pivotal_') &&
    !env.PIVOTAL_API_KEY.startsWith('pivotal_test_')
  ) {
    throw new SettingError(
      'SLIPWAY_CLOCK_SPEED is set beside a live PIVOTAL_API_KEY: a fast clock would chase real people for days that have not passed; unset one of the two.',
    );
  }
  return {
    edgePort: port(env, 'SLIPWAY_PORT') ?? 8787,
    consolePort: port(env, 'SLIPWAY_CONSOLE_PORT') ?? 8788,
    temporalPort: port(env, 'SLIPWAY_TEMPORAL_PORT'),
    temporalUiPort: port(env, 'SLIPWAY_TEMPORAL_UI_PORT'),
    consoleHost: env.SLIPWAY_CONSOLE_HOST?.trim() || undefined,
    workerPort: port(env, 'SLIPWAY_WORKER_PORT') ?? 8789,
    dataDir: path.resolve(env.SLIPWAY_DATA_DIR ?? '.slipway'),
    configFile: env.SLIPWAY_CONFIG ? path.resolve(env.SLIPWAY_CONFIG) : undefined,
    apiToken: env.SLIPWAY_API_TOKEN?.trim() || undefined,
    trustedProxies: hops(env.SLIPWAY_TRUSTED_PROXIES),
    clockSpeed,
    allowPrivateTargets: flag(env, 'SLIPWAY_ALLOW_PRIVATE_TARGETS'),
    databaseUrl: databaseUrl(env.DATABASE_URL),
    temporalAddress: env.TEMPORAL_ADDRESS?.trim() || undefined,
    temporalNamespace: env.TEMPORAL_NAMESPACE?.trim() || undefined,
    temporalUiUrl: webUrl(env, 'SLIPWAY_TEMPORAL_UI_URL'),
    deployment: deployment(env),
    logLevel: logLevel(env.SLIPWAY_LOG),
  };
}

function port(env: Environment, name: string): number | undefined {
  const text = env[name]?.trim();
  if (!text) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0 && value < 65_536) return value;
  throw new SettingError(`${name} is "${text}", which is no port; give a whole number from 1 to 65535.`);
}

function hops(text: string | undefined): number {
  if (!text?.trim()) return 0;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 10) return value;
  throw new SettingError(
    `SLIPWAY_TRUSTED_PROXIES is "${text}"; give the number of proxies that stand before Slipway, such as 1, or unset it.`,
  );
}

function speed(text: string | undefined): number {
  if (!text?.trim()) return 1;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 1 && value <= 1_000_000) return value;
  throw new SettingError(
    `SLIPWAY_CLOCK_SPEED is "${text}"; give a number from 1 to 1000000, such as 86400 for a day a second.`,
  );
}

function flag(env: Environment, name: string): boolean {
  const text = env[name]?.trim().toLowerCase();
  if (!text || text === 'false' || text === '0') return false;
  if (text === 'true' || text === '1') return true;
  throw new SettingError(`${name} is "${text}"; write true or false.`);
}

function databaseUrl(text: string | undefined): string | undefined {
  if (!text?.trim()) return undefined;
  if (URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)) return text;
  throw new SettingError(
    'DATABASE_URL is not a postgres:// URL; write postgres://user:password@host:5432/database, or unset it to use the PostgreSQL that Slipway brings along.',
  );
}

function webUrl(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  if (!text) return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, '');
  throw new SettingError(`${name} is "${text}"; write it like https://temporal.example.`);
}

/** One without the other would leave a worker that gets no tasks, or one whose version nobody knows. */
function deployment(env: Environment): Settings['deployment'] {
  const name = env.TEMPORAL_DEPLOYMENT_NAME?.trim();
  const buildId = env.TEMPORAL_BUILD_ID?.trim();
  if (!name && !buildId) return undefined;
  if (name && buildId) return { name, buildId };
  throw new SettingError(
    `${name ? 'TEMPORAL_DEPLOYMENT_NAME' : 'TEMPORAL_BUILD_ID'} is set without ${name ? 'TEMPORAL_BUILD_ID' : 'TEMPORAL_DEPLOYMENT_NAME'}: worker versioning needs both; set the other, or unset it.`,
  );
}

function logLevel(text: string | undefined): LogLevel {
  if (!text?.trim()) return 'info';
  const level = LOG_LEVELS.find((one) => one === text.trim().toLowerCase());
  if (level) return level;
  throw new SettingError(`SLIPWAY_LOG is "${text}"; write one of ${LOG_LEVELS.join(', ')}.`);
}
