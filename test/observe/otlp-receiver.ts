import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code?: number };
}

/** A collector that takes traces over OTLP/HTTP as JSON, and holds everything else against whoever sends it. */
export interface OtlpReceiver {
  readonly url: string;
  readonly spans: SeenSpan[];
  /** `service.name` of each batch. */
  readonly services: Set<string>;
  /** What nobody should have sent; empty in the end. */
  readonly unexpected: string[];
  close(): Promise<void>;
}

const HEX = { traceId: /^[0-9a-f]{32}$/, spanId: /^[0-9a-f]{16}$/ };

export async function otlpReceiver(): Promise<OtlpReceiver> {
  const spans: SeenSpan[] = [];
  const services = new Set<string>();
  const unexpected: string[] = [];

  function take(text: string): void {
    const { resourceSpans } = JSON.parse(text) as {
      resourceSpans: {
        resource: { attributes: { key: string; value: { stringValue?: string } }[] };
        scopeSpans: { scope: { name: string }; spans: SeenSpan[] }[];
      }[];
    };
    for (const { resource, scopeSpans } of resourceSpans) {
      services.add(resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? 'none');
      for (const { scope, spans: some } of scopeSpans) {
        if (scope.name !== 'slipway') unexpected.push(`spans of ${scope.name}`);
        for (const span of some) {
          if (!HEX.traceId.test(span.traceId) || !HEX.spanId.test(span.spanId)) unexpected.push(`ids of ${span.name}`);
          if (BigInt(span.endTimeUnixNano) < BigInt(span.startTimeUnixNano)) unexpected.push(`times of ${span.name}`);
          spans.push(span);
        }
      }
    }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const asked = `${request.method} ${request.url} ${request.headers['content-type']}`;
      if (asked !== 'POST /v1/traces application/json') unexpected.push(asked);
      try {
        take(Buffer.concat(chunks).toString('utf8'));
      } catch (error) {
        unexpected.push(String(error));
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    services,
    unexpected,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
