import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/doctor/finding.js';
import { Machine, SlipwayProcess } from '../start/slipway-process.js';

let machine: Machine;
beforeAll(async () => {
  machine = await Machine.make();
});
afterAll(() => machine.remove());

const settings = (): Record<string, string> => ({
  SLIPWAY_PORT: `${machine.ports.edge}`,
  SLIPWAY_CONSOLE_PORT: `${machine.ports.console}`,
  SLIPWAY_DATA_DIR: machine.dataDir,
});

async function slipway(...words: string[]): Promise<{ exit: unknown; out: string }> {
  const ran = new SlipwayProcess(words, machine.root, settings());
  return { exit: await ran.ends(), out: ran.out };
}

async function doctor(): Promise<{ exit: unknown; of: (check: string) => readonly Finding[] }> {
  const { exit, out } = await slipway('doctor', '--json');
  const { findings } = JSON.parse(out) as { findings: readonly Finding[] };
  return { exit, of: (check) => findings.filter((one) => one.check === check) };
}

/** One machine, told in order: looked at before, while and after a Slipway runs on it. */
describe('slipway doctor on the machine of a Slipway', () => {
  it('sees a running one from within: its ports, store, Temporal, worker and the feed', async () => {
    const running = await machine.start().ready();
    for (const type of ['onboarding.created', 'onboarding.phase_changed', 'onboarding.at_risk'])
      expect((await slipway('send', type)).exit).toBe(0);

    const seen = await doctor();

    expect(seen.exit).toBe(0);
    const levels = (check: string) => new Set(seen.of(check).map(({ level }) => level));
    for (const check of ['settings', 'data_directory', 'ports', 'policy', 'store', 'temporal', 'clock', 'feed'])
      expect([check, levels(check)]).toEqual([check, new Set(['ok'])]);
    expect(seen.of('ports').map(({ what }) => what)).toEqual([
      expect.stringContaining('Slipway listens'),
      expect.stringContaining('Slipway listens'),
    ]);
    expect(seen.of('secrets')).toMatchObject([{ level: 'warn' }]);
    // The policy that ships has no channel but the log: the console says so of itself, and so does the look from outside.
    expect(seen.of('running')).toMatchObject([{ level: 'ok' }, { level: 'warn' }]);
    expect(seen.of('channels')).toMatchObject([{ level: 'warn', what: expect.stringContaining('No channel reaches') }]);
    running.signal('SIGTERM');
    expect(await running.ends()).toBe(0);
  });

  it('finds no fault in one that was stopped', async () => {
    const seen = await doctor();

    expect(seen.exit).toBe(0);
    expect(seen.of('store')).toMatchObject([{ level: 'skipped' }]);
    expect(seen.of('ports').every(({ what }) => what.endsWith('is free.'))).toBe(true);
  });
});
