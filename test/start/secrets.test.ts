import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../src/api/app.js';
import { webhookRoutes } from '../../src/api/webhooks/router.js';
import { type RunningTemporal, startTemporal } from '../../src/embedded/temporal.js';
import { World } from '../api/world.js';
import { type MailServer, startMailServer } from '../channels/mail-server.js';
import { type OtlpReceiver, otlpReceiver } from '../observe/otlp-receiver.js';
import { TestPostgres } from '../support/postgres.js';
import { Certificates, hasOpenssl, WITHOUT_OPENSSL } from '../temporal/certificates.js';
import { type KeyFront, keyFront } from '../temporal/fronts.js';
import { canaries, foundIn } from './canaries.js';
import { Sender } from './sender.js';
import { Machine, type SlipwayProcess, until } from './slipway-process.js';

const ONBOARDING = 'onb_told';
const POLICY = `
workspace: { calendar: always }
people: [{ id: mia, emails: [mia@vendor.example], channels: [email, hook] }]
channels:
  hook: { type: webhook, url: "HOOK", secret_env: HOOK_SECRET }
  email: { type: email, smtp_url_env: SMTP_URL, from: "Slipway <slipway@vendor.example>" }
ladders: { urgent: [{ after: 0 minutes, to: [owner] }] }
rules: { at_risk: { ladder: urgent, after: 0 minutes, any_hour: true } }
`;

/** Answers with `status` and keeps what it was sent. */
async function receiver(statusOf: (nth: number) => number) {
  const heard: Record<string, string | string[] | undefined>[] = [];
  const server: Server = createServer((request, response) => {
    request.resume();
    response.writeHead(statusOf(heard.push(request.headers))).end('no');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
}

describe.skipIf(!hasOpenssl)(`secrets that an operator gives${WITHOUT_OPENSSL}`, () => {
  const given = canaries();
  /** Those that are made on the way join them. */
  const secrets: Record<string, string> = { ...given };
  const viewer = { authorization: '' };
  let machine: Machine;
  let slipway: SlipwayProcess;
  let doctor: SlipwayProcess;
  let postgres: TestPostgres;
  let databaseUrl: string;
  let temporalDir: string;
  let temporal: RunningTemporal;
  let certificates: Certificates;
  let front: KeyFront;
  let collector: OtlpReceiver;
  let mail: MailServer;
  let hook: Awaited<ReturnType<typeof receiver>>;
  let subscriber: Awaited<ReturnType<typeof receiver>>;
  /** Of the things that were made, for the paths of the API. */
  const ids: Record<string, string> = { id: ONBOARDING };

  async function admin(method: string, path: string, body?: object): Promise<Record<string, string>> {
    const headers = { authorization: `Bearer ${given.apiToken}`, 'content-type': 'application/json' };
    const sent = body ? { body: JSON.stringify(body) } : {};
    const answer = await fetch(`${machine.consoleUrl}${path}`, { method, headers, ...sent });
    expect([path, answer.ok]).toEqual([path, true]);
    return answer.status === 204 ? {} : ((await answer.json()) as Record<string, string>);
  }

  /** As a viewer, who may know none of them. */
  const look = async (path: string): Promise<string> =>
    (await fetch(`${machine.consoleUrl}${path}`, { headers: viewer })).text();

  beforeAll(async () => {
    temporalDir = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-secrets-')));
    [machine, postgres, temporal, collector, mail, hook, subscriber] = await Promise.all([
      Machine.make(),
      TestPostgres.start(),
      startTemporal({
        dataDir: temporalDir,
        namespace: 'slipway',
        speedIsOne: false,
        searchAttributes: {},
        progress: () => {},
      }),
      otlpReceiver(),
      startMailServer({ user: 'slipway', pass: 'another one' }),
      receiver(() => 401),
      receiver((nth) => (nth < 3 ? 500 : 200)),
    ]);
    certificates = new Certificates();
    front = await keyFront(certificates, temporal.address, given.temporalKey);
    databaseUrl = await postgres.empty();
    secrets.databasePassword = new URL(databaseUrl).password;
    const policy = join(machine.root, 'slipway.yaml');
    writeFileSync(policy, POLICY.replace('HOOK', hook.url));
    const smtp = new URL(mail.url);
    smtp.password = given.smtpPassword;
    const env = {
      SLIPWAY_CONFIG: policy,
      SLIPWAY_LOG: 'debug',
      SLIPWAY_CLOCK_SPEED: '3600',
      SLIPWAY_ALLOW_PRIVATE_TARGETS: 'true',
      PIVOTAL_WEBHOOK_SECRET: `now=${given.webhookSecret} former=${given.formerWebhookSecret}`,
      PIVOTAL_API_KEY: given.pivotalKey,
      HOOK_SECRET: given.hookSecret,
      SMTP_URL: smtp.href,
      SLIPWAY_API_TOKEN: given.apiToken,
      SLIPWAY_SECRET_KEY: given.secretKey,
      SLIPWAY_PAYLOAD_KEYS: `k1=${given.payloadKey}`,
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: front.address,
      TEMPORAL_API_KEY: given.temporalKey,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.authority.cert,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${given.tracesKey}`,
    };
    slipway = await machine.start(env).ready();
    await live();
    doctor = machine.run(env, 'doctor', '--all');
    await doctor.ends();
  });
  afterAll(async () => {
    await machine.remove();
    hook.close();
    subscriber.close();
    await Promise.all([front.close(), collector.close(), mail.close()]);
    await Promise.all([temporal.stop(), postgres.stop()]);
    certificates.remove();
    rmSync(temporalDir, { recursive: true, force: true });
  });

  /** Every secret is used, and what can fail with one does. */
  async function live(): Promise<void> {
    const token = (await admin('POST', '/api/v1/tokens', { name: 'looker', role: 'viewer' })).token ?? '';
    secrets.namedToken = token;
    viewer.authorization = `Bearer ${token}`;
    const app = '/api/v1/app/slipway';
    const headers = { Authorization: `Bearer ${given.endpointHeader}`, 'X-Hook': given.endpointHeader };
    const endpoint = { url: subscriber.url, secret: given.endpointSecret, headers };
    ids.app_id = 'slipway';
    ids.endpoint_id = (await admin('POST', `${app}/endpoint`, endpoint)).id ?? '';
    await admin('POST', `${app}/endpoint/${ids.endpoint_id}/secret/rotate`, { key: given.rotatedSecret });
    await admin('GET', `${app}/endpoint/${ids.endpoint_id}/secret`);
    const owner = { email: 'mia@vendor.example' };
    const now = new Sender(machine.edgeUrl, given.webhookSecret);
    expect(await now.send(ONBOARDING, 'onboarding.at_risk', { owner, risk_reason: 'late' })).toBe(200);
    expect(await new Sender(machine.edgeUrl, given.formerWebhookSecret).send('onb_former')).toBe(200);
    expect(await new Sender(machine.edgeUrl, `whsec_${'A'.repeat(32)}`).send(ONBOARDING)).toBe(401);
    const status = `${machine.consoleUrl}/api/v1/status`;
    await fetch(status, { headers: { authorization: `Bearer ${given.wrongToken}` } });
    await fetch(`${status}?token=${given.tokenInUrl}`, { headers: viewer });
    await until(() => hook.heard.length > 0 && subscriber.heard.length > 3, 'both receivers have heard of it').catch(
      async (e) => {
        console.log(
          hook.heard.length,
          subscriber.heard.length,
          slipway.said,
          machine.read('slipway.log').slice(-6000),
          await look('/api/v1/escalations'),
          await look('/api/v1/onboardings/' + ONBOARDING),
        );
        throw e;
      },
    );
    await until(() => collector.spans.length > 0, 'traces have come');
    await until(async () => /AuthRejected/.test(await look('/api/v1/escalations')), 'the sends have failed');
    const messages = JSON.parse(await look(`${app}/msg`)) as { data: { id: string }[] };
    ids.msg_id = messages.data[0]?.id ?? '';
    const attempts = JSON.parse(await look(`${app}/attempt/msg/${ids.msg_id}`)) as { data: { id: string }[] };
    ids.attempt_id = attempts.data[0]?.id ?? '';
    ids.event_type_name = 'onboarding.at_risk';
  }

  /** Of every table; bytes in hex. */
  async function everyCell(): Promise<{ column: string; text: string }[]> {
    const tables = await postgres.query(databaseUrl, "select tablename from pg_tables where schemaname = 'public'");
    const cells: { column: string; text: string }[] = [];
    for (const { tablename } of tables as { tablename: string }[])
      for (const { row } of await postgres.query(databaseUrl, `select row_to_json(t) as row from "${tablename}" t`))
        for (const [column, value] of Object.entries(row as Record<string, unknown>))
          cells.push({ column: `${tablename}.${column}`, text: JSON.stringify(value) });
    return cells;
  }

  it('are used: else nothing of what follows would say anything', () => {
    expect(subscriber.heard.at(-1)?.authorization).toBe(`Bearer ${given.endpointHeader}`);
    expect(front.heard.get('PollWorkflowTaskQueue')?.[0]?.authorization).toBe(`Bearer ${given.temporalKey}`);
    expect(collector.spans.length).toBeGreaterThan(0);
    expect(foundIn(`x ${Buffer.from(given.smtpPassword).toString('base64')}`, secrets)).toEqual(['smtpPassword']);
    expect(Object.values(secrets).filter((one) => one.length < 16)).toEqual([]);
  });

  it('are in nothing that Slipway says', () => {
    expect(slipway.out).toContain(machine.dataDir);
    expect(doctor.out).toContain('Temporal answers');
    expect(foundIn(slipway.said + doctor.said, secrets)).toEqual([]);
  });

  it('are in no file of the data directory, its log included', () => {
    expect(machine.read('slipway.log')).toContain('AuthRejected');

    for (const file of filesOf(machine.dataDir))
      expect([file, foundIn(readFileSync(file), secrets)]).toEqual([file, []]);
  });

  it('are in no trace and in no metric', async () => {
    const metrics = await look('/metrics');

    expect(metrics).toContain('slipway_sends_total');
    expect(foundIn(metrics + JSON.stringify(collector.spans), secrets)).toEqual([]);
  });

  it('are in no answer that a viewer gets', async () => {
    const deps = new World().deps();
    const all = [...apiRoutes(deps), ...webhookRoutes(deps).filter((route) => !route.lacks)];
    const paths = new Set(all.filter(({ method }) => method === 'get').map(({ path }) => path));
    const answers = await Promise.all(
      [...paths].map(async (path) => [path, await look(path.replace(/\{(\w+)\}/g, (_, name) => ids[name] ?? ''))]),
    );

    expect(answers.filter(([, text]) => text?.includes(ONBOARDING)).length).toBeGreaterThan(5);
    for (const [path, text] of answers) expect([path, foundIn(text ?? '', secrets)]).toEqual([path, []]);
  });

  it('are in no column of PostgreSQL, but for the headers of an endpoint where they are kept', async () => {
    const found = new Set<string>();
    const cells = await everyCell();
    for (const { column, text } of cells) for (const name of foundIn(text, secrets)) found.add(`${name} in ${column}`);

    expect(cells.some(({ text }) => text.includes(ONBOARDING))).toBe(true);
    expect([...found]).toEqual(['endpointHeader in endpoints.headers']);
  });

  it('are nowhere in what Temporal keeps', async () => {
    const files = filesOf(temporalDir).filter((file) => /temporal\.db/.test(file));
    const kept = Buffer.concat(files.map((file) => readFileSync(file)));

    expect(kept.toString('latin1')).toContain(ONBOARDING);
    expect(foundIn(kept, secrets)).toEqual([]);
  });
});

function filesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((file) => statSync(file).isFile());
}
