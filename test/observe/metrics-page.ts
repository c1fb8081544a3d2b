import { writeFile } from 'node:fs/promises';
import { HELP } from '../../src/main/observer.js';

/** Metrics in the same scrape that others keep: prom-client of the process, Temporal's SDK of the worker. */
export const NAMES_OF_OTHERS = [
  'slipway_timer_lateness_seconds',
  'slipway_apply_lag_seconds',
  'temporal_workflow_task_execution_failed_total',
  'temporal_sticky_cache_total_forced_eviction_total',
  'temporal_sticky_cache_size',
  'temporal_workflow_task_queue_poll_succeed_total',
  'temporal_workflow_task_schedule_to_start_latency_seconds',
  'temporal_worker_task_slots_available',
  'temporal_request_failure_total',
  'temporal_activity_execution_failed_total',
  'nodejs_heap_size_used_bytes',
  'nodejs_eventloop_lag_p99_seconds',
  'process_resident_memory_bytes',
  'process_cpu_seconds_total',
] as const;

/** Labels whose values are closed sets; names of sources, channels and secrets are those of slipway.yaml. */
const LABELS: Partial<Record<keyof typeof HELP, string>> = {
  slipway_events_received_total: 'source',
  slipway_events_verified_total: 'source, secret',
  slipway_events_rejected_total: 'source, reason',
  slipway_events_duplicate_total: 'source',
  slipway_events_quarantined_total: 'source, reason',
  slipway_events_unstored_total: 'source',
  slipway_signals_total: 'outcome',
  slipway_escalations_total: 'rule, what',
  slipway_sends_total: 'channel, result',
  slipway_send_seconds: 'channel',
  slipway_actions_total: 'verb',
  slipway_clock_skew_seconds: 'source',
  slipway_feed_age_seconds: 'source',
  slipway_retention_deleted_total: 'what',
  slipway_webhook_attempts_total: 'result',
  slipway_build_info: 'version, node',
};

const INTRO = `# Metrics

Made from what the metrics say of themselves in \`src/main/observer.ts\`; a test keeps it true. One scrape of \`/metrics\` has
all of a process: a server's on the console port (8788, with a token where one is set), a worker's on its own (8789), both in one of
\`slipway start\`. Names and labels stay as they are; a label's values are a closed set and never an id. Alerts on them:
[runbooks.md](runbooks.md). A dashboard: \`deploy/grafana/slipway.json\`.

What is measured at the scrape itself (inbox, reachability, stuck workflows, polling workers) is the same on every server:
take \`max\`. Ages and skews are each server's own. Counters and histograms add up.

| metric | kind | labels | what it is |
|---|---|---|---|
`;

const OUTRO = `
\`slipway_timer_lateness_seconds\` (histogram, of the worker): from the instant of a workflow's timer to the task it brought.
\`slipway_apply_lag_seconds\` (histogram, of the worker): from the receipt of an event to the workflow that took it in; what was known
already is not measured. \`slipway_signal_lag_seconds\` is the dispatcher's part of it.

Beside them in the same scrape: Node's own (\`nodejs_*\`, \`process_*\`) and, where a worker runs, those of
[Temporal's SDK](https://docs.temporal.io/references/sdk-metrics) (\`temporal_*\`). Alerts and dashboard use
${NAMES_OF_OTHERS.filter((name) => !name.startsWith('slipway'))
  .map((name) => `\`${name}\``)
  .join(', ')}.

## Logs

JSON, one line each, to standard output, or to \`slipway.log\` in the data directory of \`slipway start\`. The \`svix-id\` of a delivery
is the correlation of all that is done about it: \`delivery\` in "event stored" and "event repeated" (the edge; in a flood one of
\`deliveries\` in "events stored"), one of \`deliveries\` in "events signalled" (the dispatcher, one line a signal), \`delivery\` in "send" (a worker, one line a try: the
newest delivery of that onboarding). Lines hold ids and counts, never a name, an address, a text or a body.

## Traces

Off, and nothing of OpenTelemetry's SDK loaded, unless \`OTEL_EXPORTER_OTLP_ENDPOINT\` or \`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT\`
is set; then spans \`receive\`, \`store\`, \`signal\` and \`notify\` go out as OTLP over HTTP (JSON). The trace id is the first half
of the SHA-256 of the \`svix-id\` (\`printf %s msg_… | sha256sum | cut -c1-32\`), so that edge, dispatcher and workers write into one
trace without telling each other, and \`OTEL_TRACES_SAMPLER=traceidratio\` with \`OTEL_TRACES_SAMPLER_ARG\` keeps the same traces
everywhere. A signal of several events belongs to the trace of the last and is linked to the others.
\`OTEL_SERVICE_NAME\`, \`OTEL_RESOURCE_ATTRIBUTES\` and \`OTEL_EXPORTER_OTLP_HEADERS\` mean what they mean elsewhere.
`;

/** The page as it should be; written where that is asked for. */
export async function metricsPage(file: string, write: boolean): Promise<string> {
  const rows = Object.entries(HELP).map(([name, help]) => {
    const labels = LABELS[name as keyof typeof HELP] ?? '';
    return `| \`${name}\` | ${kindOf(name)} | ${labels} | ${help} |`;
  });
  const page = `${INTRO}${rows.join('\n')}\n${OUTRO}`;
  if (write) await writeFile(file, page);
  return page;
}

function kindOf(name: string): string {
  if (name.endsWith('_total')) return 'counter';
  return /_(acknowledge|lag|send|lateness|attempt)_seconds$/.test(name) ? 'histogram' : 'gauge';
}
