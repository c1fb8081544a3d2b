import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutbound } from '../../src/outbound/post.js';
import { createSigner } from '../../src/outbound/signer.js';
import {
  type Example,
  expressExample,
  fastapiExample,
  pythonForFastapi,
  ROOT,
  RunningReceiver,
  WORK_MS,
} from './receiver.js';

const secretOf = () => `whsec_${randomBytes(24).toString('base64')}`;
const SECRET = secretOf();
const FORMER = secretOf();

const found = await pythonForFastapi();
if ('missing' in found) console.warn(`examples/receive-fastapi is not run: ${found.missing}.`);

const outbound = createOutbound({ allowPrivate: true });
afterAll(() => outbound.close());

interface Said {
  readonly secrets?: string;
  /** What arrives instead of what was signed. */
  readonly arriving?: string;
  readonly atMs?: number;
}

const bodyOf = (id: string) =>
  JSON.stringify({ id, type: 'escalation.opened', livemode: false, data: { object: { name: 'Grüße · 日本' } } });

/** As Slipway's deliveries are made: signed by its signer, posted by its client. */
async function deliver(url: string, id: string, { secrets = SECRET, arriving, atMs = Date.now() }: Said = {}) {
  const body = bodyOf(id);
  const headers = { ...createSigner(secrets)(`msg_${id}`, Math.floor(atMs / 1000), body) };
  const result = await outbound.post({ url, headers, body: arriving ?? body });
  if (!result.answered) throw new Error(result.message);
  return { status: result.status, body: result.body, ms: result.ms };
}

describe.each([
  ['receive-express', () => expressExample()],
  ['receive-fastapi', 'python' in found ? () => fastapiExample(found.python) : null],
] as const)('examples/%s', (_name, exampleOf) => {
  let example: Example;
  let receiver: RunningReceiver;
  const inbox = () => path.join(example.dir, 'inbox.jsonl');
  const start = async () => (receiver = await RunningReceiver.start(example, SECRET));
  const workedOf = (id: string) => receiver.worked.filter((one) => one === `escalation.opened ${id}`).length;

  beforeAll(async () => {
    if (!exampleOf) return;
    example = exampleOf();
    await start();
  });
  afterAll(async () => {
    if (!exampleOf) return;
    await receiver.kill();
    rmSync(example.dir, { recursive: true, force: true });
  });
  const promise = exampleOf ? it : it.skip;

  promise('takes a delivery, also under both secrets of a rotation, and works it after it has answered', async () => {
    const { status, body, ms } = await deliver(receiver.url, 'evt_1');
    expect([status, JSON.parse(body)]).toEqual([200, { received: true, duplicate: false }]);
    expect([ms < WORK_MS, workedOf('evt_1')]).toEqual([true, 0]);
    await receiver.until(() => workedOf('evt_1') === 1);

    expect((await deliver(receiver.url, 'evt_2', { secrets: `${secretOf()} ${SECRET}` })).status).toBe(200);
    await receiver.until(() => workedOf('evt_2') === 1);
  });

  promise('answers a repeat with 200, and works it once', async () => {
    await deliver(receiver.url, 'evt_3');
    const answers = await Promise.all([deliver(receiver.url, 'evt_3'), deliver(receiver.url, 'evt_3')]);

    expect(answers.map(({ status, body }) => [status, JSON.parse(body).duplicate])).toEqual([
      [200, true],
      [200, true],
    ]);
    await deliver(receiver.url, 'evt_4');
    await receiver.until(() => workedOf('evt_4') === 1);
    expect(workedOf('evt_3')).toBe(1);
  });

  promise('answers 401 to what was tampered with, is of another sender, or is old', async () => {
    const refused: Said[] = [
      { arriving: bodyOf('evt_9') },
      { arriving: `${bodyOf('evt_5')} ` },
      { secrets: FORMER },
      { atMs: Date.now() - 600_000 },
    ];
    for (const said of refused) expect((await deliver(receiver.url, 'evt_5', said)).status).toBe(401);
    const bare = await outbound.post({ url: receiver.url, headers: {}, body: bodyOf('evt_5') });
    expect(bare).toMatchObject({ status: 401 });

    expect(JSON.parse((await deliver(receiver.url, 'evt_5')).body)).toMatchObject({ duplicate: false });
  });

  promise('answers 500 where it cannot keep an event, takes it at a later try, and works it once', async () => {
    const kept = readFileSync(inbox());
    rmSync(inbox());
    mkdirSync(inbox());
    expect((await deliver(receiver.url, 'evt_6')).status).toBe(500);
    rmdirSync(inbox());
    writeFileSync(inbox(), kept);

    expect(await deliver(receiver.url, 'evt_6')).toMatchObject({ status: 200 });
    await receiver.until(() => workedOf('evt_6') === 1);
  });

  promise('knows after a kill what it took, and works what it had not worked', async () => {
    await deliver(receiver.url, 'evt_7');
    await receiver.until(() => workedOf('evt_7') === 1);
    await deliver(receiver.url, 'evt_8');
    await receiver.kill();
    // What a crash may leave at the end of the file.
    writeFileSync(inbox(), `${readFileSync(inbox(), 'utf8')}\n{"kept":{"id":"evt_cut`);
    await start();

    await receiver.until(() => workedOf('evt_8') === 1);
    expect(JSON.parse((await deliver(receiver.url, 'evt_8')).body)).toMatchObject({ duplicate: true });
    expect(JSON.parse((await deliver(receiver.url, 'evt_7')).body)).toMatchObject({ duplicate: true });
    expect(JSON.parse((await deliver(receiver.url, 'evt_cut')).body)).toMatchObject({ duplicate: false });
    await receiver.until(() => workedOf('evt_cut') === 1);
    expect([workedOf('evt_7'), workedOf('evt_8')]).toEqual([0, 1]);
  });
});

describe('the examples', () => {
  const read = (file: string) => readFileSync(path.join(ROOT, 'examples', file), 'utf8');

  it('are short enough to be read before they are copied', () => {
    for (const file of ['receive-express/receive.ts', 'receive-fastapi/receive.py'])
      expect(read(file).split('\n').length - 1, file).toBeLessThanOrEqual(80);
  });

  it('pin the versions that they are tried with here', () => {
    const { dependencies, devDependencies } = JSON.parse(read('receive-express/package.json')) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string>
    >;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
      // What runs it outside is not what runs it here.
      if (name === 'tsx') continue;
      const installed = readFileSync(path.join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
      expect(version, name).toBe((JSON.parse(installed) as { version: string }).version);
    }
    for (const line of read('receive-fastapi/requirements.txt').trim().split('\n'))
      expect(line).toMatch(/^[a-z]+==\d+\.\d+\.\d+$/);
  });

  it('hold what their types say', async () => {
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const project = path.join(ROOT, 'examples/receive-express');
    await expect(promisify(execFile)(process.execPath, [tsc, '-p', project])).resolves.toMatchObject({ stdout: '' });
  });
});
