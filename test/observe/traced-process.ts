// A process of its own that works on one delivery, as a worker does, and tells which parts of OpenTelemetry it loaded.
import { createRequire } from 'node:module';
import { createObservation } from '../../src/main/observer.js';
import { openTraces } from '../../src/main/traces.js';

const { observer } = createObservation('warn', undefined);
const traces = await openTraces(process.env, observer.log);
const now = Date.now();
traces?.trace({ name: 'notify', correlations: ['msg_2'], from: now, to: now + 3, fields: { channel: 'hook' } });
await traces?.close();

const loaded = Object.keys(createRequire(import.meta.url).cache ?? {}).flatMap(
  (file) => /node_modules\/(@opentelemetry\/[^/]+)/.exec(file)?.[1] ?? [],
);
process.stdout.write(JSON.stringify([...new Set(loaded)].sort()));
