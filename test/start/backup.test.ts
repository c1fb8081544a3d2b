import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageExample, shapeOf } from '../cli/page-example.js';
import { SECRET, Sender } from './sender.js';
import { Machine, type SlipwayProcess, until } from './slipway-process.js';

/** A day a second: after a week somebody is chased. */
const ENV = { PIVOTAL_WEBHOOK_SECRET: SECRET, SLIPWAY_CLOCK_SPEED: '86400' };
const ONBOARDINGS = ['onb_a', 'onb_b', 'onb_c'];

let machine: Machine;
let sender: Sender;
let slipway: SlipwayProcess;
/** What was acknowledged before the backup began: all of it must be in it. */
let early: ReadonlyMap<string, number>;
const archive = () => join(machine.root, 'one.tgz');
const restored = () => join(machine.root, 'restored');

interface Sent {
  readonly id: string;
  readonly time: number;
}

/** What was sent through the log channel by the Slipway of this directory. */
function sent(dataDir: string): readonly Sent[] {
  return readFileSync(join(dataDir, 'slipway.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('escalation notified'))
    .map((line) => JSON.parse(line) as { id: string; time: string | number })
    .map(({ id, time }) => ({ id, time: new Date(time).getTime() }));
}

async function applied(name: string): Promise<number> {
  const answer = await fetch(`${machine.consoleUrl}/api/v1/onboardings/${name}`);
  return answer.ok ? ((await answer.json()) as { events: { applied: number } }).events.applied : 0;
}

async function stop(running: SlipwayProcess): Promise<void> {
  running.signal('SIGTERM');
  expect(await running.ends()).toBe(0);
}

beforeAll(async () => {
  machine = await Machine.make();
  sender = new Sender(machine.edgeUrl);
  slipway = await machine.start(ENV).ready();
  for (const name of ONBOARDINGS) expect(await sender.send(name)).toBe(200);
});
afterAll(() => machine.remove());

/** One machine whose disk is lost, told in order. */
describe('a backup taken while Slipway serves', () => {
  it('is one file for its owner alone, and disturbs neither events nor the sends under way', async () => {
    await until(() => sent(machine.dataDir).length > 0, 'somebody is chased');
    early = sender.counts;
    const over = new AbortController();
    const pouring = (async () => {
      for (let n = 0; !over.signal.aborted; n++) {
        expect(await sender.send(ONBOARDINGS[n % ONBOARDINGS.length] as string)).toBe(200);
        await pause(20);
      }
    })();

    const backup = machine.run({}, 'backup', archive());
    const code = await backup.ends();
    over.abort();
    await pouring;

    expect([code, backup.err]).toEqual([0, '']);
    expect(shapeOf(backup.out)).toBe(shapeOf(pageExample('backup /var/backups/slipway.tar')));
    expect(statSync(archive()).mode & 0o777).toBe(0o600);
    await sender.allApplied(machine.consoleUrl);
  });

  it('is refused where the store is one of your own, and names what to use instead', async () => {
    const refused = machine.run({ DATABASE_URL: 'postgres://db.example/slipway' }, 'backup', join(machine.root, 'x'));

    expect(await refused.ends()).toBe(1);
    expect(refused.err).toMatch(/pg_dump.*rebuild/);
    expect(refused.err.trim().split('\n')).toHaveLength(1);
  });

  it('is not restored over the directory it came from', async () => {
    const running = machine.run({}, 'restore', archive());
    expect([await running.ends(), running.err]).toEqual([1, expect.stringContaining('already runs')]);

    await stop(slipway);
    const stopped = machine.run({}, 'restore', archive());
    expect([await stopped.ends(), stopped.err]).toEqual([1, expect.stringContaining('is not empty')]);
  });

  it('brings everything back: every event, the clock, and what was sent is not sent again', async () => {
    const back = machine.run({ SLIPWAY_DATA_DIR: restored() }, 'restore', archive());
    expect([await back.ends(), back.err]).toEqual([0, '']);
    expect(shapeOf(back.out)).toBe(shapeOf(pageExample('restore /var/backups/slipway.tar')));
    const { frozenAt } = JSON.parse(readFileSync(join(restored(), 'restored.json'), 'utf8')) as { frozenAt: number };

    slipway = await machine.start({ ...ENV, SLIPWAY_DATA_DIR: restored() }).ready();

    for (const [name, count] of early)
      await until(async () => (await applied(name)) >= count, `${count} events of ${name} are applied`);
    // What was acknowledged while the copy was made is in it or not; the sender posts it again, as Pivotal does.
    await sender.sendAllAgain();
    await sender.allApplied(machine.consoleUrl);
    const before = new Set(
      sent(machine.dataDir)
        .filter(({ time }) => time < frozenAt)
        .map(({ id }) => id),
    );
    expect(before.size).toBeGreaterThan(0);
    await until(() => sent(restored()).length > 0, 'the ladders go on');
    expect(sent(restored()).filter(({ id }) => before.has(id))).toEqual([]);
    for (const name of ONBOARDINGS) expect(await sender.send(name)).toBe(200);
    await sender.allApplied(machine.consoleUrl);
    await stop(slipway);
  });
});
