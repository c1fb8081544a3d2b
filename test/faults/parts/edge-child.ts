import type { Readiness } from '../../../src/ingress/app.js';
import { createIngress } from '../../../src/ingress/app.js';
import { listen } from '../../../src/ingress/listen.js';
import { SILENT } from '../../../src/contracts/observer.js';
import { REAL_CLOCK } from '../../../src/domain/time/clock.js';
import { parseSecrets } from '../../../src/signature/secret.js';
import { openStore } from '../../../src/store/store.js';
import type { EdgeLook, EdgeOrder } from './edge-process.js';

/** The edge alone in a process of its own, over a real store: its memory and its faults are its own. */
const [url, serverId] = process.argv.slice(2) as [string, string];
let secrets: ReturnType<typeof parseSecrets> = [];
let offered = 0;
const faults: string[] = [];
const counts: Record<string, number> = {};
process.on('unhandledRejection', (reason) => void faults.push(`unhandled rejection: ${String(reason)}`));
process.on('uncaughtException', (error) => void faults.push(`uncaught: ${String(error)}`));

const observer = {
  ...SILENT,
  log: (level: string, message: string, fields: object = {}) => {
    if (level === 'error') faults.push(`${message} ${JSON.stringify(fields)}`);
  },
  count: (metric: string, labels: Readonly<Record<string, string>> = {}, by = 1) => {
    const name = [metric, labels['reason']].filter(Boolean).join(' ');
    counts[name] = (counts[name] ?? 0) + by;
  },
};
const store = openStore({ url, observer, serverId });
const ready: Readiness = { ready: true, checks: { store: 'ok', migrations: 'ok', temporal: 'not here' } };
const app = createIngress({
  source: (name) =>
    name === 'pivotal'
      ? { name, mode: 'live', workspace: 'main', secretEnv: 'NONE', toleranceMs: 300_000, secrets }
      : undefined,
  inbox: store.inbox,
  rejections: store.rejections,
  observer,
  clock: REAL_CLOCK,
  now: Date.now,
  trustedProxies: 1,
  onAccepted: () => void offered++,
  onShed: () => {},
  ready: async () => ready,
});
const listener = await listen(app, 0, '127.0.0.1');

process.on('message', (order: EdgeOrder) => {
  if (order.ask === 'secrets') secrets = parseSecrets(order.secrets);
  const look: EdgeLook = {
    port: listener.port,
    offered,
    faults,
    counts,
    rssBytes: process.memoryUsage.rss(),
    isPolluted: ['polluted', 'phase', 'isAdmin'].some((name) => name in {}),
  };
  process.send?.(look);
});
process.once('disconnect', () => process.exit());
process.send?.({ port: listener.port });
