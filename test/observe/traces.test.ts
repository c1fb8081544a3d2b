import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Observer, SILENT } from '../../src/contracts/observer.js';
import { createDispatcher } from '../../src/dispatch/dispatcher.js';
import { openTraces } from '../../src/main/traces.js';
import { traceIdsOf } from '../../src/main/trace-ids.js';
import { Edge, moved } from '../ingress/edge.js';
import { type OtlpReceiver, otlpReceiver } from './otlp-receiver.js';

const run = promisify(execFile);
const LOADER = resolve(import.meta.dirname, '../support/typescript-loader.mjs');
const PROCESS = resolve(import.meta.dirname, 'traced-process.ts');

/** A worker in a process of its own; answers which packages of OpenTelemetry it loaded. */
async function workerProcess(env: Record<string, string>): Promise<string[]> {
  const { stdout } = await run(process.execPath, ['--import', LOADER, PROCESS], { env: { ...process.env, ...env } });
  return JSON.parse(stdout) as string[];
}

describe('traces', () => {
  let receiver: OtlpReceiver;
  let signals = 0;

  beforeEach(async () => {
    receiver = await otlpReceiver();
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await receiver.close();
    expect(receiver.unexpected).toEqual([]);
  });

  const dispatcherOf = (observer: Observer) =>
    createDispatcher({
      inbox: {
        claim: async () => [],
        leased: async () => [],
        release: async () => {},
        settle: async () => {},
        reviveSignalledSince: async () => 0,
        redeliver: async () => expect.fail('none is late'),
      },
      events: { eventsOf: async () => expect.fail('none has closed') },
      gateway: {
        signalEvents: async () => {
          signals++;
          return 'signalled';
        },
        signalRunning: async () => expect.fail('none has closed'),
        signalCustomer: async () => expect.fail('no customer'),
        reopen: async () => expect.fail('no reopen'),
      },
      readModel: { final: async () => undefined },
      policy: () => expect.fail('none has closed'),
      observer,
      now: Date.now,
      lot: () => 0,
      temporalMayForget: false,
    });

  it('follow one delivery through edge, dispatcher and a worker of another process, and carry nothing', async () => {
    const traces = await openTraces(process.env, SILENT.log);
    if (!traces) throw new Error('no traces');
    const observer: Observer = { ...SILENT, trace: traces.trace };
    const dispatcher = dispatcherOf(observer);
    const edge = await Edge.open({ observer, onAccepted: (row) => dispatcher.offer(row) });

    await edge.post(moved('evt_1'), { id: 'msg_1' });
    await edge.post(moved('evt_2'), { id: 'msg_2' });
    dispatcher.start();
    await vi.waitFor(() => expect(signals).toBe(1));
    await dispatcher.stop();
    await edge.post(moved('evt_2'), { id: 'msg_2' });
    await Promise.all([traces.close(), workerProcess({})]);

    const { traceId, rootSpanId } = traceIdsOf('msg_2');
    const trace = receiver.spans.filter((span) => span.traceId === traceId);
    const roots = trace.filter((span) => !span.parentSpanId);
    expect(roots).toMatchObject([{ name: 'receive', spanId: rootSpanId }]);
    expect(
      trace
        .filter((span) => span.parentSpanId === rootSpanId)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['notify', 'receive', 'signal', 'store', 'store']);
    expect(trace.find(({ name }) => name === 'signal')?.links).toMatchObject([
      { traceId: traceIdsOf('msg_1').traceId, spanId: traceIdsOf('msg_1').rootSpanId },
    ]);
    expect([...receiver.services]).toEqual(['slipway']);
    expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).toBe(receiver.spans.length);
    expect(JSON.stringify(receiver.spans)).not.toContain('Borealis');
  });

  it('keep the same share of traces in every process', async () => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'parentbased_traceidratio');
    vi.stubEnv('OTEL_TRACES_SAMPLER_ARG', '0.5');
    const both = await Promise.all([openTraces(process.env, SILENT.log), openTraces(process.env, SILENT.log)]);
    const [edge, worker] = both;
    for (let n = 0; n < 200; n++) {
      const span = { correlations: [`msg_${n}`], from: n, to: n };
      edge?.trace({ ...span, name: 'receive', isRoot: true });
      worker?.trace({ ...span, name: 'notify' });
    }
    for (const traces of both) await traces?.close();

    const kept = (name: string) => receiver.spans.filter((span) => span.name === name).map(({ traceId }) => traceId);
    expect(kept('receive').length).toBeGreaterThan(50);
    expect(kept('receive').length).toBeLessThan(150);
    expect(kept('notify').toSorted()).toEqual(kept('receive').toSorted());
  });

  it('that cannot be delivered are complained of once, without showing where to', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://user:hunter2@127.0.0.1:9');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '300');
    const lines: string[] = [];
    const traces = await openTraces(process.env, (level, message) => void lines.push(`${level} ${message}`));

    for (let n = 0; n < 3; n++) traces?.trace({ name: 'notify', correlations: ['msg_1'], from: n, to: n });
    await traces?.close();

    expect(lines).toEqual(['warn traces cannot be delivered; check OTEL_EXPORTER_OTLP_ENDPOINT and its collector']);
  });

  it.each([
    ['no endpoint is set', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    ['OpenTelemetry is turned off', { OTEL_SDK_DISABLED: 'true' }],
    ['no exporter is wanted', { OTEL_TRACES_EXPORTER: 'none' }],
  ])('load nothing where %s', async (_, env) => {
    // The API, of no weight of its own, comes with prom-client.
    expect(await workerProcess(env)).toEqual(['@opentelemetry/api']);
    expect(receiver.spans).toEqual([]);
  });

  it('load the library where an endpoint is set, so that the test before can tell', async () => {
    expect(await workerProcess({})).toContain('@opentelemetry/sdk-trace-node');
  });
});
