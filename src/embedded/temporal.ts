import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type StopStep, startChild, stopProcess } from './child-process.js';
import { EmbeddedError, type Progress } from './embedded-error.js';
import { anyFreePort, isFree, nextFreePort } from './free-port.js';
import { readPidFile, writePidFile } from './pid-file.js';
import { isRunning, type ProcessMark, startedWith } from './process-mark.js';
import { defaultCacheDir, findTemporal, temporalEnvironment } from './temporal-binary.js';
import { beginDatabase, keepDatabase, temporalDatabase } from './temporal-database.js';

/** The types that a search attribute can have, as the server's command line names them. */
export type SearchAttributeType = 'Keyword' | 'KeywordList' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'Text';

export interface TemporalOptions {
  /** Of `openDataDirectory`: absolute, and locked by us. */
  readonly dataDir: string;
  readonly namespace: string;
  /** Only where it must be this one; else 7233, or the next free one. */
  readonly port?: number | undefined;
  /** Only where it must be this one; else 8233, or the next free one. */
  readonly uiPort?: number | undefined;
  /** False where the clock runs faster than real time, so that timers below a second must not come a second late. */
  readonly speedIsOne: boolean;
  /** Registered when the namespace is made. The server ignores later additions: those are the gateway's to register. */
  readonly searchAttributes: Readonly<Record<string, SearchAttributeType>>;
  readonly progress: Progress;
  /** Where its UI has payloads read that are encrypted. */
  readonly codecEndpoint?: string | undefined;
  /** Where the server is kept when it had to be fetched; `~/.cache/slipway` unless given. */
  readonly cacheDir?: string | undefined;
}

export interface RunningTemporal {
  /** `127.0.0.1:<port>`, for a client. */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  /** True when a server that an earlier start left running was taken over. */
  readonly adopted: boolean;
  /** May be called again. */
  stop(): Promise<void>;
}

/** What the pid file says: enough to tell whether a running server is the one this start would bring up. */
interface Running extends ProcessMark {
  readonly port: number;
  readonly uiPort: number;
  /** Of the server's HTTP API: a free port that no other start chooses, so that an answer there is this server's own. */
  readonly httpPort: number;
  readonly namespace: string;
  readonly speedIsOne: boolean;
}

type Wanted = Omit<Running, keyof ProcessMark>;

const PORT = 7233;
const UI_PORT = 8233;
const READY_WITHIN_MS = 120_000;
/** A server left behind may be in the middle of coming up. */
const ANSWER_WITHIN_MS = 15_000;
const ASK_WITHIN_MS = 3_000;
const BETWEEN_ASKS_MS = 50;
const MOST_STARTS = 3;
const STOP: readonly StopStep[] = [
  ['SIGTERM', 15_000],
  ['SIGKILL', 5_000],
];

/**
 * Brings up the embedded Temporal server of a data directory and waits until it serves the namespace. A server that
 * still runs on this very directory is adopted when it runs as this start wants it, else stopped. Throws `EmbeddedError`.
 */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const left = readPidFile<Running>(pidFile(options));
  const adopted = left !== null && (await isWanted(left, options)) ? left : null;
  await stopOthers(left, adopted, options);
  const running = adopted ?? (await start(options));
  keepDatabase(options.dataDir);
  options.progress(`Temporal ${adopted === null ? 'runs' : 'was still running'} on 127.0.0.1:${running.port}`);
  let stopping: Promise<void> | undefined;
  return {
    address: `127.0.0.1:${running.port}`,
    uiUrl: `http://127.0.0.1:${running.uiPort}`,
    namespace: options.namespace,
    adopted: adopted !== null,
    stop: () => (stopping ??= stop(running)),
  };
}

async function isWanted(left: Running, options: TemporalOptions): Promise<boolean> {
  if (left.namespace !== options.namespace || left.speedIsOne !== options.speedIsOne) return false;
  if (left.port !== (options.port ?? left.port) || left.uiPort !== (options.uiPort ?? left.uiPort)) return false;
  const until = performance.now() + ANSWER_WITHIN_MS;
  while (isRunning(left) && performance.now() < until) {
    if (await serves(left)) return true;
    await delay(BETWEEN_ASKS_MS);
  }
  return false;
}

/** Two servers on one file would ruin it, so one that the pid file does not know of is looked for as well. */
async function stopOthers(left: Running | null, adopted: Running | null, options: TemporalOptions): Promise<void> {
  const found = startedWith('start-dev', temporalDatabase(options.dataDir));
  for (const mark of left === null ? found : [left, ...found]) {
    if (mark.pid === adopted?.pid || !isRunning(mark)) continue;
    options.progress('stopping a Temporal server that an earlier start left behind');
    await stop(mark);
  }
}

async function start(options: TemporalOptions): Promise<Running> {
  const spare = join(options.dataDir, 'cache');
  const command = await findTemporal(options.cacheDir ?? defaultCacheDir(), spare, options.progress);
  options.progress('starting Temporal');
  for (let tries = 1; ; tries++) {
    const port = await choosePort(options.port, PORT, 'SLIPWAY_TEMPORAL_PORT', options.uiPort);
    const uiPort = await choosePort(options.uiPort, UI_PORT, 'SLIPWAY_TEMPORAL_UI_PORT', port);
    const { namespace, speedIsOne } = options;
    beginDatabase(options.dataDir);
    const wanted = { port, uiPort, httpPort: await anyFreePort(), namespace, speedIsOne };
    try {
      return { ...(await launch(command, wanted, options)), ...wanted };
    } catch (error) {
      const taken = error instanceof EmbeddedError && error.message.includes('address already in use');
      if (!taken || tries === MOST_STARTS) throw error;
    }
  }
}

function launch(command: string, wanted: Wanted, options: TemporalOptions): Promise<ProcessMark> {
  return startChild({
    name: 'The Temporal server',
    problem: 'temporal',
    command,
    args: flags(wanted, options),
    env: temporalEnvironment(),
    logFile: join(options.dataDir, 'temporal.log'),
    born: (mark) => writePidFile(pidFile(options), { ...mark, ...wanted }),
    isReady: () => serves(wanted),
    readyWithinMs: READY_WITHIN_MS,
    stopBy: STOP,
  });
}

function flags(wanted: Wanted, options: TemporalOptions): string[] {
  const values: [flag: string, value: string][] = [
    ['--ip', '127.0.0.1'],
    ['--port', `${wanted.port}`],
    ['--ui-port', `${wanted.uiPort}`],
    ['--http-port', `${wanted.httpPort}`],
    ['--db-filename', temporalDatabase(options.dataDir)],
    // Twice the throughput of the default; what a power cut may take of the last seconds is signalled again at start.
    ['--sqlite-pragma', 'journal_mode=WAL'],
    ['--sqlite-pragma', 'synchronous=NORMAL'],
    ['--namespace', wanted.namespace],
    ['--log-level', 'error'],
  ];
  for (const [name, type] of Object.entries(options.searchAttributes))
    values.push(['--search-attribute', `${name}=${type}`]);
  if (options.codecEndpoint) values.push(['--ui-codec-endpoint', options.codecEndpoint]);
  if (!wanted.speedIsOne) values.push(['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="20ms"']);
  return ['server', 'start-dev', '--ui-disable-news-fetch', '--disable-config-file', ...values.flat()];
}

/**
 * Ready when its API shows the namespace and its UI answers. The UI's port alone proves nothing: a server of another
 * data directory, started at the same moment, may have taken it while this one is about to fail for that reason.
 */
async function serves({ httpPort, uiPort, namespace }: Wanted): Promise<boolean> {
  try {
    const api = await get(`http://127.0.0.1:${httpPort}/api/v1/namespaces/${encodeURIComponent(namespace)}`);
    const body = (await api.json()) as { namespaceInfo?: { name?: string } };
    return body.namespaceInfo?.name === namespace && (await get(`http://127.0.0.1:${uiPort}`)).ok;
  } catch {
    return false;
  }
}

const get = (url: string) => fetch(url, { signal: AbortSignal.timeout(ASK_WITHIN_MS) });

async function choosePort(
  wanted: number | undefined,
  usual: number,
  setting: string,
  not: number | undefined,
): Promise<number> {
  if (wanted === undefined) return nextFreePort(usual, not);
  if (wanted !== not && (await isFree(wanted))) return wanted;
  throw new EmbeddedError(
    'port_taken',
    `Port ${wanted} is taken: free it, or set ${setting} to another one, or to none to let Slipway choose.`,
  );
}

const pidFile = (options: TemporalOptions) => join(options.dataDir, 'temporal.pid');

function stop(mark: ProcessMark): Promise<void> {
  return stopProcess('The Temporal server', 'temporal', mark, STOP);
}
