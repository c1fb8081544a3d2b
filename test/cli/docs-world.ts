import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { ApiDeps, PolicyReading } from '../../src/api/deps.js';
import { buildLocalCommands } from '../../src/cli/local.js';
import { buildCommands, createProgram } from '../../src/cli/program.js';
import type { RebuildLook } from '../../src/contracts/rebuild.js';
import { examine } from '../../src/doctor/examine.js';
import { policyJsonSchema } from '../../src/policy-file/json-schema.js';
import type { LogEntry } from '../../src/domain/onboarding/log.js';
import type { OnboardingAction } from '../../src/domain/escalation/action.js';
import type { EscalationView, OnboardingView } from '../../src/domain/onboarding/present.js';
import { loadPolicy } from '../../src/policy-file/load.js';
import { parseSecrets, type Secret } from '../../src/signature/secret.js';
import { sign } from '../../src/signature/sign.js';
import { DAY, NOW } from '../api/views.js';
import { World } from '../api/world.js';
import { TEMPORAL, WELL } from '../doctor/observations.js';
import { docsOnboarding } from './docs-onboarding.js';

/** What the edge of the examples takes for signed. */
export const SECRET = `whsec_${Buffer.from('now'.padEnd(24, '-')).toString('base64')}`;
const PEOPLE = 'people:\n  - { id: mia, name: Mia Park }\n  - { id: tom, name: Tom Reyes }\n';
const NEXT_POLICY = `${PEOPLE}  - { id: ana, name: Ana Lind }\nrules:\n  stuck_in_phase: { ladder: urgent }\n`;

const LIVED = docsOnboarding(stored(PEOPLE).policy);
const [ESCALATION] = LIVED.view.escalations as [EscalationView];

const LOOK: RebuildLook = {
  workflow: 'running',
  differences: [{ field: 'phase', present: 'uat', rebuilt: 'launch' }],
  presentDigest: '7b0f2c9a41d3e865',
  rebuiltDigest: 'c1a8e0957f3d2b64',
  confirm: '5e2d90b7c4f1a386',
  unlogged: { events: 0, told: 0 },
  missing: 0,
  rebuilt: LIVED.view,
};
const REBUILD: ApiDeps['rebuild'] = {
  onboarding: { look: async () => LOOK, carryOut: async () => LOOK },
  start: async () => {},
  progress: async () => undefined,
};

/** The world in which each example of docs/cli.md runs, always the same one. */
export function docsWorld(): { deps: ApiDeps } {
  const world = new World();
  world.add(LIVED.view);
  world.archive.push(...LIVED.archive.toReversed());
  world.log.push(...LIVED.log);
  world.turnedAway.push({
    seq: '1',
    source: 'pivotal',
    reason: 'no_matching_signature',
    message: 'No v1 signature matches.',
    at: NOW,
    deliveryId: 'msg_2n',
    remote: '192.0.2.7',
    bytes: 512,
  });
  world.published.unshift({
    stored: { ...stored(`${PEOPLE}settle: 5 minutes\n`) },
    at: NOW - 9 * DAY,
  });
  world.published[1] = { stored: stored(PEOPLE), at: NOW - DAY };
  world.token('grafana', 'viewer');
  const opened = LIVED.log.find(({ what }) => what.kind === 'opened') as LogEntry;
  world.audited.push(
    {
      at: opened.at,
      actor: 'slipway',
      action: 'decision.opened',
      subject: ESCALATION.id,
      before: null,
      after: { level: ESCALATION.level },
      reason: opened.text,
    },
    {
      at: NOW,
      actor: 'token:desk for mia',
      action: 'escalation.acknowledge',
      subject: ESCALATION.id,
      before: { status: 'open' },
      after: { status: 'acknowledged' },
      reason: 'On it',
    },
    {
      at: NOW - DAY,
      actor: 'slipway',
      action: 'retention.run',
      subject: 'retention',
      before: null,
      after: { events: 412, rejections: 9 },
      reason: null,
    },
  );
  world.erasures.push({
    id: 'era_1',
    kind: 'contact',
    customerId: null,
    contactId: 'con_8d',
    state: 'waiting',
    by: 'mia',
    reason: 'asked by letter',
    askedAt: NOW - DAY,
    doneAt: null,
    erased: { archive: 4, onboardings: 1 },
    workflows: [{ workflowId: 'onboarding/main/onb_91a', state: 'open' }],
  });
  outgoing(world);
  world.answer = (_key, action) => LIVED.after(action).escalations[0] as EscalationView;
  const deps = world.deps({ validatePolicy: validated, rebuild: REBUILD, why: async (_key, at) => LIVED.why(at) });
  return { deps: { ...deps, gateway: { ...deps.gateway, hold: async (_key, action) => whole(action) } } };
}

/** A release ends a hold that was there before. */
function whole(action: OnboardingAction): OnboardingView {
  if (action.verb !== 'release') return LIVED.after(action);
  return LIVED.after({ verb: 'hold', by: action.by, state: 'waiting', reason: 'customer on holiday' }, action);
}

/** An endpoint that gets escalations, and a message that it took at the second try. */
function outgoing({ webhooks }: World): void {
  const at = { createdAt: NOW - 9 * DAY, updatedAt: NOW - 9 * DAY };
  const type = { groupName: null, archived: false, deprecated: false, own: true, ...at };
  const example = { id: 'evt_7f', type: 'escalation.opened', data: { object: { level: 1 } } };
  webhooks.types.push(
    {
      ...type,
      name: 'escalation.opened',
      description: 'An escalation has sent its first message. Fires once for each.',
      schemas: { '1': { type: 'object', required: ['id', 'type', 'data'], examples: [example] } },
    },
    {
      ...type,
      name: 'onboarding.stuck',
      description: 'An onboarding is longer in its phase than the policy allows.',
      schemas: null,
    },
  );
  const endpoint = {
    ...at,
    application: 'app_slipway',
    id: 'ep_2wZ8kQ4mB7cVt1xLr9sYp3hN6d5',
    uid: 'desk',
    url: 'https://desk.example/slipway',
    description: 'opens a ticket for each',
    filterTypes: ['escalation.*'],
    channels: null,
    rateLimit: 5,
    ordered: true,
    headers: { 'X-Team': 'onboarding' },
    metadata: {},
    disabled: null,
    failures: 0,
    version: 1,
    givenVersion: 1,
  };
  webhooks.made.push(endpoint);
  webhooks.secrets.set(endpoint.id, SECRET);
  webhooks.sent.push({
    id: 'msg_3bXq7nD1kWv5tRz9cLm2yHs8fJ4',
    application: endpoint.application,
    eventType: 'escalation.opened',
    eventId: 'evt_7f',
    channels: null,
    tags: null,
    payload: JSON.stringify(example),
    orderKey: null,
    idempotencyKey: null,
    at: NOW,
  });
  const attempt = {
    messageId: 'msg_3bXq7nD1kWv5tRz9cLm2yHs8fJ4',
    endpointId: endpoint.id,
    eventType: 'escalation.opened',
    trigger: 'scheduled',
    url: endpoint.url,
    requestHeaders: {},
    responseHeaders: {},
    address: '203.0.113.9',
  } as const;
  webhooks.tried.push(
    {
      ...attempt,
      id: 'atmpt_1',
      at: NOW,
      succeeded: false,
      status: 503,
      response: 'starting',
      ms: 8,
      nextAt: NOW + 5_000,
    },
    { ...attempt, id: 'atmpt_2', at: NOW + 5_000, succeeded: true, status: 204, response: '', ms: 31, nextAt: null },
  );
  webhooks.goingTo.push({ endpoint, state: 'delivered', nextAt: null });
}

function validated(source: string): PolicyReading {
  const loaded = loadPolicy(source, NOW);
  return loaded.ok ? { ok: true, policy: loaded.file.policy } : { ok: false, problems: loaded.errors };
}

function stored(source: string) {
  const loaded = loadPolicy(source, NOW);
  if (!loaded.ok) throw new Error('the policies of the examples are valid');
  return { hash: loaded.hash, source, policy: loaded.file.policy };
}

/** The files that examples name. */
export function writeFiles(dir: string): void {
  const put = (name: string, text: string): void => writeFileSync(path.join(dir, name), text);
  put('slipway.yaml', NEXT_POLICY);
  put('misspelled.yaml', 'rules:\n  stuck_in_fase: { ladder: nudge }\n');
  put('opened.json', JSON.stringify({ id: 'evt_7g', type: 'escalation.opened', data: { object: { level: 3 } } }));
  const body = JSON.stringify({ id: 'evt_7f', type: 'onboarding.created', data: { object: { id: 'onb_91a' } } });
  const [secret] = parseSecrets(SECRET) as [Secret];
  const headers = Object.entries(sign(secret, 'msg_2m', Date.parse('2026-11-24T12:00Z') / 1000, body))
    .filter(([name]) => name.startsWith('svix'))
    .map(([name, value]) => `${name}: ${value}`);
  const rewritten = JSON.stringify(JSON.parse(body), null, 2);
  put('request.http', ['POST /webhooks/pivotal HTTP/1.1', ...headers, '', rewritten].join('\r\n'));
}

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** The verbs over a console and an edge of the test's own. */
export function programOver(urls: { console: string; edge: string }, { out, err }: Terminal): Command {
  const program = createProgram({ out, err }, '0.1.0');
  const policySchema = () => Promise.resolve(policyJsonSchema());
  buildCommands(program, { url: urls.console, policySchema, out, err, columns: 80 });
  buildLocalCommands(program, {
    edgeUrl: `${urls.edge}/webhooks/pivotal`,
    secrets: SECRET,
    examine: () => Promise.resolve(examine({ ...WELL, temporal: { ...TEMPORAL, retentionDays: 3 } })),
    now: Date.now,
    out,
    err,
    columns: 80,
  });
  return program;
}
