import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRunning } from '../../src/embedded/process-mark.js';
import { SECRET, Sender } from './sender.js';
import { Machine, type SlipwayProcess, until } from './slipway-process.js';

const ONBOARDINGS = ['onb_a', 'onb_b', 'onb_c', 'onb_d'];
const ENOUGH = 60;

let machine: Machine;
let slipway: SlipwayProcess;
let sender: Sender;

const start = () => machine.start({ PIVOTAL_WEBHOOK_SECRET: SECRET }).ready();

beforeAll(async () => {
  machine = await Machine.make();
  sender = new Sender(machine.edgeUrl);
  slipway = await start();
});
afterAll(() => machine.remove());

/** Runs a kill while events pour in, and returns when the sender has noticed. */
async function inMidBurst(kill: () => Promise<void>): Promise<void> {
  const before = sender.acknowledged;
  const poured = sender.pour(ONBOARDINGS);
  await until(() => sender.acknowledged > before + ENOUGH, `${ENOUGH} events are acknowledged`);
  await kill();
  await poured;
}

/** One store that is killed twice in the worst moment, told in order. */
describe('after a kill -9 in mid-burst every acknowledged event is there, each once', () => {
  it('when the process alone was killed: the servers it left are taken over', async () => {
    const left = machine.servers();

    await inMidBurst(() => slipway.kill());
    expect(left.filter(isRunning)).toHaveLength(2);
    slipway = await start();

    expect(slipway.out).toContain('PostgreSQL was still running');
    expect(slipway.out).toContain('Temporal was still running');
    expect(machine.servers().map(({ pid }) => pid)).toEqual(left.map(({ pid }) => pid));
    await sender.repeat();
    await sender.allApplied(machine.consoleUrl);
  });

  it('when the whole group and both servers were killed: they recover', async () => {
    const killed = machine.servers();

    await inMidBurst(async () => {
      slipway.signal('SIGKILL', 'group');
      await machine.killServers();
    });
    expect(killed.filter(isRunning)).toEqual([]);
    slipway = await start();

    expect(slipway.err).toBe('');
    await sender.repeat();
    await sender.allApplied(machine.consoleUrl);
  });

  it('and the servers that were taken over are stopped as well as any', async () => {
    await slipway.kill();
    slipway = await start();

    slipway.signal('SIGTERM');

    expect(await slipway.ends()).toBe(0);
    expect(machine.servers()).toEqual([]);
  });
});
