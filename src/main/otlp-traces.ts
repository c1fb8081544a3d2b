import { type Context, ROOT_CONTEXT, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type IdGenerator,
  NodeTracerProvider,
  RandomIdGenerator,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';
import type { LogFields, Observer, Span } from '../contracts/observer.js';
import type { Environment } from './settings.js';
import { type TraceIds, traceIdsOf } from './trace-ids.js';

export interface Traces {
  readonly trace: (span: Span) => void;
  /** Sends what is kept, for two seconds at the longest. Never rejects. */
  close(): Promise<void>;
}

const CLOSES_WITHIN_MS = 2_000;
/** A collector that is away says so with every batch. */
const COMPLAINS_EVERY_MS = 60_000;

/** The one file that loads OpenTelemetry's SDK; imported only where traces are wanted. */
export function startTraces(env: Environment, log: Observer['log'], version: string): Traces {
  const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/json';
  if (!protocol.startsWith('http/')) {
    log('warn', 'traces go out as OTLP over HTTP; point the endpoint at the collector’s HTTP port', { protocol });
  }
  const ids = new GivenIds();
  const provider = new NodeTracerProvider({
    idGenerator: ids,
    sampler: samplerOf(env),
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'slipway', 'service.version': version }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(complaining(new OTLPTraceExporter(), log))],
  });
  const tracer = provider.getTracer('slipway', version);
  return {
    trace(span) {
      const own = traceIdsOf(span.correlations.at(-1) ?? '');
      if (span.isRoot) ids.next = own;
      const started = tracer.startSpan(
        span.name,
        {
          startTime: span.from,
          attributes: { 'slipway.deliveries': [...span.correlations], ...attributesOf(span.fields ?? {}) },
          links: span.correlations.slice(0, -1).map((other) => ({ context: contextOf(traceIdsOf(other)) })),
        },
        span.isRoot ? ROOT_CONTEXT : below(own),
      );
      ids.next = undefined;
      if (span.failed) started.setStatus({ code: SpanStatusCode.ERROR });
      started.end(Math.max(span.from, span.to));
    },
    async close() {
      const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSES_WITHIN_MS).unref());
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}

const contextOf = ({ traceId, rootSpanId }: TraceIds) => ({
  traceId,
  spanId: rootSpanId,
  traceFlags: TraceFlags.SAMPLED,
  isRemote: true,
});

const below = (ids: TraceIds): Context => trace.setSpanContext(ROOT_CONTEXT, contextOf(ids));

/** `slipway.` before each, and nothing that is not there. */
function attributesOf(fields: LogFields): Record<string, string | number | boolean> {
  const kept = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[`slipway.${name}`, value] as const],
  );
  return Object.fromEntries(kept);
}

/** Random ids, but for a span that is told which ones are its own. */
class GivenIds implements IdGenerator {
  next: TraceIds | undefined;
  readonly #random = new RandomIdGenerator();

  generateTraceId = (): string => this.next?.traceId ?? this.#random.generateTraceId();
  generateSpanId = (): string => this.next?.rootSpanId ?? this.#random.generateSpanId();
}

/**
 * Decides by the trace id alone, so that every process keeps the same traces: a parent's flag could not say, since no
 * process hears of another's span.
 */
function samplerOf(env: Environment): Sampler {
  const name = env.OTEL_TRACES_SAMPLER ?? 'always_on';
  if (name.endsWith('always_off')) return new TraceIdRatioBasedSampler(0);
  if (!name.endsWith('traceidratio')) return new TraceIdRatioBasedSampler(1);
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG ?? 1);
  return new TraceIdRatioBasedSampler(ratio >= 0 && ratio <= 1 ? ratio : 1);
}

/**
 * Tells now and then that a collector does not take what is sent. In own words: the library's may show the endpoint with
 * what is secret in it, and come with every batch.
 */
function complaining(exporter: SpanExporter, log: Observer['log']): SpanExporter {
  let last = Number.NEGATIVE_INFINITY;
  const complain = (): void => {
    if (performance.now() - last < COMPLAINS_EVERY_MS) return;
    last = performance.now();
    log('warn', 'traces cannot be delivered; check OTEL_EXPORTER_OTLP_ENDPOINT and its collector');
  };
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error) complain();
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
