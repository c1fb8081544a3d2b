import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts, Machine, type Ports } from './slipway-process.js';

const STACK_TRACE = /^\s+at /m;

let machine: Machine;
let occupied: Server | undefined;

beforeEach(async () => {
  machine = await Machine.make();
});
afterEach(async () => {
  await new Promise<void>((closed) => (occupied ? occupied.close(() => closed()) : closed()));
  occupied = undefined;
  await machine.remove();
});

/** Starts, expects that it ends with 1 and leaves nothing running, and returns the lines it ended with. */
async function refusal(env: Record<string, string> = {}): Promise<string[]> {
  const slipway = machine.start(env);

  expect(await slipway.ends()).toBe(1);
  expect(machine.servers()).toEqual([]);
  expect(slipway.said).not.toMatch(STACK_TRACE);
  expect(slipway.said).not.toMatch(/whsec_[\w+/]{8}/);
  expect(slipway.out).not.toContain('is ready');
  return slipway.err.trimEnd().split('\n');
}

async function occupy(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(port, '0.0.0.0', listening));
  occupied = server;
}

describe('a start that cannot be ends with a sentence, and leaves nothing running', () => {
  it.each<[keyof Ports, string]>([
    ['edge', 'SLIPWAY_PORT'],
    ['console', 'SLIPWAY_CONSOLE_PORT'],
    ['temporal', 'SLIPWAY_TEMPORAL_PORT'],
    ['temporalUi', 'SLIPWAY_TEMPORAL_UI_PORT'],
  ])('the %s port is in use: %s is named', async (which, variable) => {
    await occupy(machine.ports[which]);

    const [said, ...more] = await refusal();

    expect(more).toEqual([]);
    expect(said).toMatch(new RegExp(`^Port ${machine.ports[which]} is taken.* ${variable} `));
  });

  it('edge and console have the same port', async () => {
    const [port] = await freePorts(1);

    const said = await refusal({ SLIPWAY_PORT: `${port}`, SLIPWAY_CONSOLE_PORT: `${port}` });

    expect(said).toEqual([expect.stringMatching(/SLIPWAY_PORT and SLIPWAY_CONSOLE_PORT are both/)]);
  });

  it('the data directory lies below a file', async () => {
    const file = join(machine.root, 'a-file');
    writeFileSync(file, '');

    const [said, ...more] = await refusal({ SLIPWAY_DATA_DIR: join(file, 'data') });

    expect(more).toEqual([]);
    expect(said).toContain(join(file, 'data'));
    expect(said).toContain('SLIPWAY_DATA_DIR');
  });

  it('the policy has mistakes: every wrong line is told with its number', async () => {
    const file = join(machine.root, 'slipway.yaml');
    const policy = [
      'phases:',
      '  - { name: kickoff, stuck: 5 wroking days }',
      'people:',
      '  - { id: mia, mangr: tom }',
      'rules:',
      '  at_risk: { ladder: urgnt }',
    ];
    writeFileSync(file, policy.join('\n'));

    const [first, ...lines] = await refusal();

    expect(first).toContain(file);
    expect(lines).toEqual([
      expect.stringMatching(/^ {2}line 2: .*stuck/),
      expect.stringMatching(/^ {2}line 4: .*mangr/),
      expect.stringMatching(/^ {2}line 6: .*urgnt/),
    ]);
  });

  it('the policy is no YAML, or is not there', async () => {
    const file = join(machine.root, 'mine.yaml');

    expect(await refusal({ SLIPWAY_CONFIG: file })).toEqual([expect.stringMatching(/mine\.yaml.*SLIPWAY_CONFIG/)]);
    writeFileSync(file, 'people: [\n  - {');
    const [, ...lines] = await refusal({ SLIPWAY_CONFIG: file });
    expect(lines).not.toEqual([]);
    for (const line of lines) expect(line).toMatch(/^ {2}line \d+: /);
  });

  it.each([
    ['not-a-secret-but-hidden', 'whsec_'],
    ['whsec_hidden//', 'too short'],
    ['whsec_%%%hidden%%%aaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'base64'],
  ])('a secret is malformed: it is named and not shown (%s)', async (secret, hint) => {
    const [said, ...more] = await refusal({ PIVOTAL_WEBHOOK_SECRET: secret });

    expect(more).toEqual([]);
    expect(said).toContain('PIVOTAL_WEBHOOK_SECRET');
    expect(said).toContain(hint);
    expect(said).not.toContain('hidden');
  });

  it.each([
    ['SLIPWAY_PORT', 'many'],
    ['SLIPWAY_CLOCK_SPEED', 'fast'],
    ['DATABASE_URL', 'mysql://user:hidden@host/db'],
    ['SLIPWAY_LOG', 'loud'],
  ])('%s makes no sense', async (variable, value) => {
    const [said, ...more] = await refusal({ [variable]: value });

    expect(more).toEqual([]);
    expect(said).toContain(variable);
    expect(said).not.toContain('hidden');
  });

  it('no Temporal server is at hand and none can be fetched', async () => {
    const empty = join(machine.root, 'empty');
    mkdirSync(empty);
    const nowhere = { HOME: empty, TMPDIR: empty, PIP_NO_INDEX: '1', PIP_FIND_LINKS: '', PIP_CONFIG_FILE: '/dev/null' };

    for (const env of [nowhere, { ...nowhere, PATH: empty }]) {
      const [said, ...more] = await refusal(env);

      expect(more).toEqual([]);
      expect(said).toContain('No Temporal server was found');
      expect(said).toContain('TEMPORAL_ADDRESS');
    }
  });
});
